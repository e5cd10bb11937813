// Package index holds the words of searching: the search view of a lead or
// listing (Document), the query and its small language (Query, ParseQuery),
// and the interface that every engine fulfils (Index). Package indextest says
// what an engine must do; package index/bleve is the embedded engine.
//
// The rule of matching is the same on every engine. A text becomes a sequence
// of tokens (see Tokens): each Chinese, Japanese or Korean character is one,
// each run of other letters is one, each run of digits is one; all else
// (spaces, punctuation) falls away. A searched text matches a field whose
// tokens contain the searched tokens one behind another. So any part of a
// Chinese text of one character or more is found, 耐克 finds 耐 克, and
// iphone15 finds iPhone 15. A single word of four letters or more that was
// not quoted also finds words one letter apart (two from eight letters on)
// that begin with the same letter; numbers and codes are never bent.
package index
