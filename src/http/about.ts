/** What both documents say about the project. */
export const LICENSE = { name: "MIT", url: "https://spdx.org/licenses/MIT.html" };
export const CONTACT = { name: "The Holdfast authors" };
