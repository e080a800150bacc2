package main

import (
	"encoding/binary"
	"errors"
	"math"
)

// model sums each row of its float32 input; with the option {"echo": true} its outputs are its inputs, of any dtype.
type model struct {
	Echo   bool
	inputs []spec // what the configuration declares, if it does
}

// spec is a tensor of a signature: name, dtype, and the shape of one row, -1 being any extent.
type spec map[string]any

func (m *model) signature() (inputs, outputs []spec) {
	if inputs = m.inputs; inputs == nil {
		inputs = []spec{{"name": "input", "dtype": "float32", "shape": []int{-1}}}
	}
	if m.Echo {
		return inputs, inputs
	}
	return inputs, []spec{{"name": "output", "dtype": "float32", "shape": []int{}}}
}

// predict answers a batch, rows in order; an error fails the whole batch as bad_input.
func (m *model) predict(rows int, inputs []Tensor) ([]Tensor, error) {
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
