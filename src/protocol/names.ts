/** Names stand in every line of the log, and in tables: no control characters, no separators of lines, no change of direction. */
export const NAME_PATTERN = /^[^\p{Cc}\u2028-\u202e\u2066-\u2069]{1,128}$/u;

/** Ids of organisations stand in headers, addresses and names of scopes. */
export const ORG_ID_PATTERN = /^[a-z0-9][\w.-]{0,63}$/i;
