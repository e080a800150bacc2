package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden is what the JSON beside each golden frame says of it.
type golden struct {
	Kind  byte
	Batch uint32
}

func TestEveryGoldenFrameIsReadOrRefused(t *testing.T) {
	paths, _ := filepath.Glob("../../protos/golden/*.bin")
	if len(paths) < 20 {
		t.Fatalf("only %d golden frames were found", len(paths))
	}
	for _, path := range paths {
		raw, _ := os.ReadFile(path)
		f, err := readFrame(bytes.NewReader(raw))
		name := strings.TrimSuffix(filepath.Base(path), ".bin")
		if strings.HasPrefix(name, "fault-") {
			if err == nil && name != "fault-header-not-msgpack" {
				t.Errorf("%s was read", name)
			}
			if _, err := readBatch(f); err == nil {
				t.Errorf("%s is no batch", name)
			}
			continue
		}
		var want golden
		text, _ := os.ReadFile(strings.TrimSuffix(path, ".bin") + ".json")
		if err := json.Unmarshal(text, &want); err != nil || f.Kind != want.Kind || f.N != want.Batch {
			t.Errorf("%s: read as kind %d of batch %d (%v)", name, f.Kind, f.N, err)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if strings.HasPrefix(name, "batch-") {
			inputsSurvive(t, name, f)
		}
	}
}

// inputsSurvive writes the inputs of a batch as outputs: their bytes must lie as they did.
func inputsSurvive(t *testing.T, name string, f frame) {
	b, err := readBatch(f)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	again, err := readFrame(bytes.NewReader(encode(kindRows, f.N, map[string]any{"outputs": b.Inputs}, b.Inputs...)))
	if err != nil || !bytes.Equal(again.payload, f.payload) {
		t.Errorf("%s: the tensors changed on their way (%v)", name, err)
	}
}

func TestATruncatedFrameIsAnError(t *testing.T) {
	whole := encode(kindCredit, 0, map[string]any{"n": 1})
	for size := range whole {
		if _, err := readFrame(io.LimitReader(bytes.NewReader(whole), int64(size))); err == nil {
			t.Errorf("%d of %d bytes were read as a frame", size, len(whole))
		}
	}
}

func TestBatchesThatDoNotAddUpAreRefused(t *testing.T) {
	input := Tensor{Name: "x", Dtype: "uint8", Shape: []float64{1}, Bytes: 2, Data: []byte{1, 2}}
	for about, header := range map[string]map[string]any{
		"no rows":         {"rows": 0, "inputs": []Tensor{input}},
		"half a row":      {"rows": 1.5, "inputs": []Tensor{input}},
		"rows as text":    {"rows": "2", "inputs": []Tensor{input}},
		"a tensor less":   {"rows": 2, "inputs": []Tensor{}},
		"a tensor more":   {"rows": 2, "inputs": []Tensor{input, input}},
		"negative length": {"rows": 2, "inputs": []Tensor{{Name: "x", Dtype: "uint8", Bytes: -2}}},
	} {
		f, _ := readFrame(bytes.NewReader(encode(kindBatch, 1, header, input)))
		if _, err := readBatch(f); err == nil {
			t.Errorf("%s: taken", about)
		}
	}
}
