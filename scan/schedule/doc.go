// Package schedule says when a source is to be scanned. A tick of a source's
// cron line becomes one background job, which is unique whatever state it is
// in: however many processes run over one database, a tick fires once. What
// ticked while nothing ran is caught up or noted as skipped, the newest tick
// alone; and a source whose scan is still open is not begun a second time.
package schedule
