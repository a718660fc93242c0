// Vitest switches Node's cache off where coverage is taken. What has a thread or a process of its own is not covered, and
// without the cache each of them would load a TypeScript compiler: four files with gateways took 16 s instead of 12.
delete process.env['NODE_DISABLE_COMPILE_CACHE'];
