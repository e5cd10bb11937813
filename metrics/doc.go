// Package metrics counts what the program does and hands it out in the text
// format of Prometheus. It has a registry of its own; nothing is registered
// anywhere else. Labels hold names out of the configuration or out of the
// program, never hosts or addresses, and there is a bound to how many values
// each takes: what goes past it is counted as "other".
package metrics
