// Package bleve is the embedded search engine: an index.Index in a folder,
// kept by Bleve's scorch segments.
package bleve
