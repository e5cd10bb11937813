// Package markwatch holds the words of the product: what is watched (Source),
// what is seen (Page, Listing), what is protected (Brand, Work), what is
// suspected and why (Finding, Verdict) and what people do about it (Lead).
//
// It does no I/O and imports no other package of the module. All times are
// UTC unless a field says otherwise, all spans are counted in Unicode code
// points, all amounts of money are decimals with an ISO 4217 currency.
package markwatch
