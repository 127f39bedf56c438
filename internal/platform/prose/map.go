package prose

// StepMap says which spans a step replaced, by which lengths: https://prosemirror.net/docs/ref/#transform.StepMap
type StepMap []Span

// Span is a span of the old document, and the length of what stands there after.
type Span struct{ At, Old, New int }

// Move is where a position is after the step. With assoc below zero a position at
// which something was put stays before it, else it goes behind it. deleted says that
// what stood on that side of it is gone.
func (m StepMap) Move(pos, assoc int) (moved int, deleted bool) {
	diff := 0
	for _, s := range m {
		if s.At > pos {
			break
		}
		end := s.At + s.Old
		if pos > end {
			diff += s.New - s.Old
			continue
		}
		side := assoc
		if s.Old > 0 {
			switch pos {
			case s.At:
				side = -1
			case end:
				side = 1
			}
		}
		moved = s.At + diff
		if side > 0 {
			moved += s.New
		}
		outside := end
		if assoc < 0 {
			outside = s.At
		}
		return moved, pos != outside
	}
	return pos + diff, false
}

// Map is that of Step.
func (s Replace) Map() StepMap { return StepMap{{s.From, s.To - s.From, s.Slice.size()}} }

// Map is that of Step.
func (s ReplaceAround) Map() StepMap {
	return StepMap{{s.From, s.GapFrom - s.From, s.Insert}, {s.GapTo, s.To - s.GapTo, s.Slice.size() - s.Insert}}
}

// Map is that of Step.
func (AddMark) Map() StepMap { return nil }

// Map is that of Step.
func (RemoveMark) Map() StepMap { return nil }

// Map is that of Step.
func (AddNodeMark) Map() StepMap { return nil }

// Map is that of Step.
func (RemoveNodeMark) Map() StepMap { return nil }

// Map is that of Step.
func (SetAttr) Map() StepMap { return nil }

// Map is that of Step.
func (SetDocAttr) Map() StepMap { return nil }
