// Package sample is a sample market: a deterministic shop site of any size
// with planted violations that the program knows, so that a scan of it can be
// scored. It serves the demonstration, end-to-end tests and benchmarks.
//
// Brands, works, shops, persons and addresses are invented. The texts are
// written from what is known of the trade, by hand, one by one; a market that
// is larger than they suffice for repeats them with other shops, prices and
// words around them.
package sample
