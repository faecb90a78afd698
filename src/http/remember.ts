/** Remembers a value as the newest of a map, which holds at most `max` of them: the oldest goes. */
export function remember<Value>(map: Map<string, Value>, name: string, value: Value, max: number): void {
  map.delete(name);
  if (map.size >= max) map.delete(map.keys().next().value ?? "");
  map.set(name, value);
}
