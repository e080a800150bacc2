package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/vmihailenco/msgpack/v5"
)

// Kinds of the frames that this container reads or writes; it leaves the others aside.
const kindHello, kindWelcome, kindCredit, kindBatch, kindRows = 1, 2, 3, 4, 5
const kindDone, kindHeartbeat, kindDrain, kindGoodbye = 6, 7, 9, 10
const maxHeaderBytes, maxPayloadBytes, maxRows = 8 << 20, 256 << 20, 1 << 20

var fromContainers = []byte{kindHello, kindCredit, kindRows, kindDone}
var magic = [3]byte{'T', 'W', 1}

// Tensor is a part of a payload: its rows one after another in Data. Integers of headers are float64 here: a peer may write
// them as floats, the decoder takes any number for one, and they are exact up to 2^53.
type Tensor struct {
	Name    string      `msgpack:"name"`
	Dtype   string      `msgpack:"dtype"`
	Shape   []float64   `msgpack:"shape"`
	Bytes   float64     `msgpack:"bytes"`
	Lengths []float64   `msgpack:"lengths,omitempty"`
	Shapes  [][]float64 `msgpack:"shapes,omitempty"`
	Data    []byte      `msgpack:"-"`
}

type prefix struct {
	Magic                        [3]byte // "TW", wire version 1
	Kind                         byte
	HeaderBytes, PayloadBytes, N uint32 // N is the batch number
}

type frame struct {
	prefix
	header, payload []byte
}

func padTo8(n int) int { return (n + 7) &^ 7 }

func readFrame(r io.Reader) (f frame, err error) {
	if err = binary.Read(r, binary.LittleEndian, &f.prefix); err != nil {
		return f, err
	}
	if f.Magic != magic || f.HeaderBytes > maxHeaderBytes || f.PayloadBytes > maxPayloadBytes {
		return f, fmt.Errorf("no frame of wire version 1 within its limits: %v", f.prefix)
	}
	header := int(f.HeaderBytes)
	body := make([]byte, padTo8(header)+int(f.PayloadBytes))
	_, err = io.ReadFull(r, body)
	f.header, f.payload = body[:header], body[padTo8(header):]
	return f, err
}

// encode lays a frame out: prefix, header, then each tensor at a multiple of 8 bytes.
func encode(kind byte, batch uint32, header map[string]any, tensors ...Tensor) []byte {
	var body bytes.Buffer
	if header != nil {
		msgpack.NewEncoder(&body).Encode(header) // Maps of ours, into memory: it cannot fail.
	}
	headerBytes := body.Len()
	body.Write(make([]byte, padTo8(headerBytes)-headerBytes))
	for _, tensor := range tensors {
		body.Write(make([]byte, padTo8(body.Len())-body.Len()))
		body.Write(tensor.Data)
	}
	out, _ := binary.Append(nil, binary.LittleEndian, prefix{magic, kind, uint32(headerBytes), uint32(body.Len() - padTo8(headerBytes)), batch})
	return append(out, body.Bytes()...)
}

type batch struct {
	Rows    float64  `msgpack:"rows"`
	Inputs  []Tensor `msgpack:"inputs"`
	Outputs []string `msgpack:"outputs"`
}

// readBatch parses a batch and gives each input its bytes.
func readBatch(f frame) (b batch, err error) {
	if err = msgpack.Unmarshal(f.header, &b); err != nil {
		return b, err
	}
	end := 0
	for i := range b.Inputs {
		start, size := padTo8(end), b.Inputs[i].Bytes
		if !(size >= 0 && size <= float64(len(f.payload)-start) && size == math.Trunc(size)) {
			return b, errors.New("an input does not lie within the payload")
		}
		end = start + int(size)
		b.Inputs[i].Data = f.payload[start:end]
	}
	if end != len(f.payload) || !(b.Rows >= 1 && b.Rows <= maxRows && b.Rows == math.Trunc(b.Rows)) {
		return b, errors.New("rows or bytes of the batch do not add up")
	}
	return b, nil
}
