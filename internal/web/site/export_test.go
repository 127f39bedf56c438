package site

// Before has f run before each page of a pattern is made. Its error is the
// page's.
func (s *Site) Before(pattern string, f func() error) {
	for n := range s.table {
		route := &s.table[n]
		if route.pattern != pattern {
			continue
		}
		next := route.answer
		route.answer = func(r *reading) (*answer, error) {
			if err := f(); err != nil {
				return nil, err
			}
			return next(r)
		}
	}
}
