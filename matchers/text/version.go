package text

// Version names the present behaviour of folding. What was folded with another
// one (a search index) must be folded again; raise it with every change of the
// rules or tables.
const Version = "1"
