// Package hostile sends a server what is meant to hurt it: bodies that are deep, huge, or lie about their length,
// aliases that multiply, patches of ten thousand operations, paths that climb, floods of headers and streams. Each must
// be answered with a Status, or where HTTP demands it with a closed connection, in bounded time and memory, while
// other clients are served.
package hostile
