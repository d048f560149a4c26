// Go's own transparency-log code (golang.org/x/mod/sumdb) as a peer of ours: reads one JSON task a line, answers each
// with one line. test_peer.py builds it and asks.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type task struct {
	Do    string      `json:"do"`
	Note  []byte      `json:"note"`
	Vkeys []string    `json:"vkeys"`
	Size  int64       `json:"size"`
	Root  tlog.Hash   `json:"root"`
	Old   int64       `json:"old"`
	Index int64       `json:"index"`
	Leaf  tlog.Hash   `json:"leaf"`
	Head  tlog.Hash   `json:"old_root"`
	Proof []tlog.Hash `json:"proof"`
	Data  [][]byte    `json:"entries"`
	Dir   string      `json:"dir"`
}

type answer struct {
	Error string      `json:"error"`
	Text  string      `json:"text,omitempty"`
	Names []string    `json:"names,omitempty"`
	Root  string      `json:"root,omitempty"`
	Proof []tlog.Hash `json:"proof"`
	Tree  []tlog.Hash `json:"tree"`
}

// stored holds the hashes of a tree that was built from entries.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if at >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", at)
		}
		found[i] = s[at]
	}
	return found, nil
}

// directory reads the tiles of a C2SP log, whose paths lack the height that Go's have.
type directory string

func (d directory) Height() int                     { return 8 }
func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}
func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(d), strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		found[i] = data
	}
	return found, nil
}

func open(t task) (answer, error) {
	var known []note.Verifier
	for _, vkey := range t.Vkeys {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return answer{}, err
		}
		known = append(known, verifier)
	}
	opened, err := note.Open(t.Note, note.VerifierList(known...))
	if err != nil {
		return answer{}, err
	}
	a := answer{Text: opened.Text}
	for _, sig := range opened.Sigs {
		a.Names = append(a.Names, sig.Name)
	}
	return a, nil
}

// build gives the root over entries, and the proofs for a leaf and for an older size.
func build(t task) (answer, error) {
	var hashes stored
	for n, entry := range t.Data {
		more, err := tlog.StoredHashes(int64(n), entry, hashes)
		if err != nil {
			return answer{}, err
		}
		hashes = append(hashes, more...)
	}
	return prove(t, int64(len(t.Data)), hashes)
}

// read does the same from a log's tiles, which tlog authenticates against the root.
func read(t task) (answer, error) {
	reader := tlog.TileHashReader(tlog.Tree{N: t.Size, Hash: t.Root}, directory(t.Dir))
	return prove(t, t.Size, reader)
}

func prove(t task, size int64, reader tlog.HashReader) (answer, error) {
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return answer{}, err
	}
	a := answer{Root: root.String()}
	if a.Proof, err = tlog.ProveRecord(size, t.Index, reader); err != nil {
		return answer{}, err
	}
	if t.Old > 0 {
		a.Tree, err = tlog.ProveTree(size, t.Old, reader)
	}
	return a, err
}

func do(t task) (answer, error) {
	switch t.Do {
	case "open":
		return open(t)
	case "build":
		return build(t)
	case "read":
		return read(t)
	case "check record":
		return answer{}, tlog.CheckRecord(t.Proof, t.Size, t.Root, t.Index, t.Leaf)
	case "check tree":
		return answer{}, tlog.CheckTree(t.Proof, t.Size, t.Root, t.Old, t.Head)
	}
	return answer{}, fmt.Errorf("unknown task %q", t.Do)
}

func main() {
	in := bufio.NewReader(os.Stdin)
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(os.Stdout)
	for decoder.More() {
		var t task
		if err := decoder.Decode(&t); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		a, err := do(t)
		if err != nil {
			a.Error = err.Error()
		}
		if err := encoder.Encode(a); err != nil {
			os.Exit(2)
		}
	}
}
