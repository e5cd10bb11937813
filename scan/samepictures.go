package scan

import (
	"context"
	"slices"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/pictures"
	"github.com/markwatch/markwatch/store"
)

// mostAlike is how many stored pictures are held against one of a listing.
const mostAlike = 200

// SamePictures finds the pictures of a listing on the offers of other sellers,
// one of each seller.
func SamePictures(ctx context.Context, st *store.Store, l *markwatch.Listing) ([]markwatch.SamePicture, error) {
	var out []markwatch.SamePicture
	for i, p := range l.Pictures {
		hash, err := pictures.Parse(p.Hash)
		if err != nil {
			continue
		}
		known, err := st.PicturesLike(ctx, l, hash.Pieces(), mostAlike)
		if err != nil {
			return nil, err
		}
		for _, k := range known {
			other, err := pictures.Parse(k.Hash)
			if err != nil || !hash.Same(other) || slices.ContainsFunc(out, func(s markwatch.SamePicture) bool { return s.Seller == k.Seller }) {
				continue
			}
			dct, blocks := hash.Distance(other)
			out = append(out, markwatch.SamePicture{
				Picture: i, Listing: k.Listing, Seller: k.Seller, URL: k.URL, Snapshot: k.Snapshot, At: k.At, DCT: dct, Blocks: blocks,
			})
		}
	}
	return out, nil
}

// fetchedPictures are a listing's pictures as they are remembered.
func fetchedPictures(l *markwatch.Listing) []store.FetchedPicture {
	var out []store.FetchedPicture
	for _, p := range l.Pictures {
		f := store.FetchedPicture{Picture: p}
		if hash, err := pictures.Parse(p.Hash); err == nil {
			f.Pieces = hash.Pieces()
		}
		out = append(out, f)
	}
	return out
}

// citedPictures are the captures of other offers' pictures that a verdict
// cites.
func citedPictures(v *markwatch.Verdict) []string {
	var out []string
	for _, f := range v.Findings {
		if s := f.Facts["other_snapshot"]; s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
