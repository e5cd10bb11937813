package extract

// Form names what this package makes of a page. It changes whenever the same
// page may give other listings or links, so that pages which have not changed
// are read once more.
const Form = "2026-11"
