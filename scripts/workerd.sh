#!/bin/sh
# Stands in for workerd: notes the process id, then becomes workerd. Nothing else tells which process it is.
if [ -n "$HOLDFAST_WORKERD_PID_FILE" ]; then
  echo $$ > "$HOLDFAST_WORKERD_PID_FILE"
fi
exec "$HOLDFAST_WORKERD" "$@"
