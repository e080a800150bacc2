package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// model sums each row of its float32 input; with the option {"echo": true} its outputs are its inputs, of any dtype.
type model struct {
	Echo   bool
	inputs []spec // what the configuration declares, if it does
}

// spec is a tensor of a signature; the shape is that of one row, -1 being any extent.
type spec struct {
	Name   string `msgpack:"name"`
	Dtype  string `msgpack:"dtype"`
	Shape  []int  `msgpack:"shape"`
	Ragged bool   `msgpack:"ragged,omitempty"`
}

// fits says whether a tensor is one that the signature allows.
func (s spec) fits(t Tensor) bool {
	shapes := t.Shapes
	if shapes == nil {
		shapes = [][]float64{t.Shape}
	} else if !s.Ragged {
		return false
	}
	for _, shape := range shapes {
		if !slices.EqualFunc(shape, s.Shape, func(is float64, may int) bool { return may == -1 || is == float64(may) }) {
			return false
		}
	}
	return s.Name == t.Name && s.Dtype == t.Dtype
}

func (m *model) signature() (inputs, outputs []spec) {
	if inputs = m.inputs; inputs == nil {
		inputs = []spec{{Name: "input", Dtype: "float32", Shape: []int{-1}}}
	}
	if m.Echo {
		return inputs, inputs
	}
	return inputs, []spec{{Name: "output", Dtype: "float32", Shape: []int{}}}
}

// predict answers a batch, rows in order; an error fails the whole batch as bad_input.
func (m *model) predict(rows int, inputs []Tensor) ([]Tensor, error) {
	signature, _ := m.signature()
	for _, s := range signature {
		if len(inputs) != len(signature) || !slices.ContainsFunc(inputs, s.fits) {
			return nil, fmt.Errorf("the inputs %v are expected, once each", signature)
		}
	}
	if m.Echo {
		return inputs, nil
	}
	if len(inputs) != 1 || inputs[0].Dtype != "float32" || len(inputs[0].Data)%(4*rows) != 0 {
		return nil, errors.New("one float32 input with rows of equal size is expected")
	}
	data, sums := inputs[0].Data, make([]float32, rows)
	for at := 0; at < len(data); at += 4 {
		sums[at*rows/len(data)] += math.Float32frombits(binary.LittleEndian.Uint32(data[at:]))
	}
	output, err := binary.Append(nil, binary.LittleEndian, sums)
	return []Tensor{{Name: "output", Dtype: "float32", Shape: []float64{}, Bytes: float64(4 * rows), Data: output}}, err
}
