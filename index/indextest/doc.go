// Package indextest is the conformance suite of index.Index: the same
// documents and queries with exactly the same hits, whatever the engine. A
// new engine's test is a call of Run.
package indextest
