package evidence

import (
	"os"
)

func openWACZ(f *os.File, opts ReaderOptions) (recordSource, error)  { return nil, nil }
func openHAR(f *os.File, opts ReaderOptions) (recordSource, error)   { return nil, nil }
func openMHTML(f *os.File, opts ReaderOptions) (recordSource, error) { return nil, nil }
