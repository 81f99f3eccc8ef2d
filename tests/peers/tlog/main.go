// Verifies an exported trail with the code behind Go's checksum database, which shares nothing with ours but the format:
//
//	tlog FOLDER VERIFIER-KEY
//
// or that a record is in the log that a C2SP proof is of:
//
//	tlog PROOF VERIFIER-KEY RECORD
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

type hashes []tlog.Hash

func (stored hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	read := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(stored)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		read[i] = stored[index]
	}
	return read, nil
}

// path of the nth file of a kind, with count of 256 in it.
func path(kind string, n int64, count int) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if count < width {
		name = fmt.Sprintf("%s.p/%d", name, count)
	}
	return filepath.Join(kind, name)
}

// head of the log that the key signs: how many records, and the root over them.
func head(signed []byte, key string) (int64, tlog.Hash, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 3 || lines[0] != verifier.Name() {
		return 0, tlog.Hash{}, fmt.Errorf("another log's head")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return size, root, err
}

func check(proof, key, record string) (int64, error) {
	text, err := os.ReadFile(proof)
	if err != nil {
		return 0, err
	}
	stored, err := os.ReadFile(record)
	if err != nil {
		return 0, err
	}
	way, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(way, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return 0, fmt.Errorf("no proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return 0, err
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, err
		}
		path = append(path, hash)
	}
	size, root, err := head([]byte(signed), key)
	if err != nil {
		return 0, err
	}
	return index, tlog.CheckRecord(path, size, root, index, tlog.RecordHash(stored))
}

func verify(folder, key string) (int64, error) {
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return 0, err
	}
	size, root, err := head(signed, key)
	if err != nil {
		return 0, err
	}
	var stored hashes
	for n := int64(0); n*width < size; n++ {
		count := int(min(width, size-n*width))
		bundle, err := os.ReadFile(filepath.Join(folder, path("tile/entries", n, count)))
		if err != nil {
			return 0, err
		}
		tile, err := os.ReadFile(filepath.Join(folder, path("tile/0", n, count)))
		if err != nil {
			return 0, err
		}
		found := 0
		for ; len(bundle) >= 2; found++ {
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				return 0, fmt.Errorf("record %d is cut off", n*width+int64(found))
			}
			record := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			hash := tlog.RecordHash(record)
			if len(tile) < (found+1)*32 || string(tile[found*32:(found+1)*32]) != string(hash[:]) {
				return 0, fmt.Errorf("record %d is not the one in the tile", n*width+int64(found))
			}
			more, err := tlog.StoredHashes(n*width+int64(found), record, stored)
			if err != nil {
				return 0, err
			}
			stored = append(stored, more...)
		}
		if len(bundle) != 0 || found != count || len(tile) != count*32 {
			return 0, fmt.Errorf("bundle %d has %d records instead of %d", n, found, count)
		}
	}
	computed, err := tlog.TreeHash(size, stored)
	if err != nil {
		return 0, err
	}
	if computed != root {
		return 0, fmt.Errorf("the root is another")
	}
	return size, nil
}

func main() {
	var number int64
	var err error
	switch len(os.Args) {
	case 3:
		number, err = verify(os.Args[1], os.Args[2])
	case 4:
		number, err = check(os.Args[1], os.Args[2], os.Args[3])
	default:
		fmt.Fprintln(os.Stderr, "tlog FOLDER VERIFIER-KEY | tlog PROOF VERIFIER-KEY RECORD")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(number)
}
