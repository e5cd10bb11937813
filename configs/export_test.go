package configs

// LoadFS reads a folder over packs that are read already, so that the fuzz
// target does not read them for every input.
var LoadFS = loadFS
