// Command referee checks an exported record with code that Parley's authors did not write, and
// makes notes and proofs for Parley to check in turn.
//
//	go run . ../../protocol/vectors/record/export.zip > ../../protocol/vectors/record/referee.json
//
// Trees are read through golang.org/x/mod/sumdb/tlog, checkpoints and cosignatures through
// github.com/transparency-dev/formats, proofs through github.com/transparency-dev/merkle too.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	checkpoints "github.com/transparency-dev/formats/log"
	formats "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type verdict struct {
	Export       string         `json:"export_sha256"`
	Accepted     map[string]int `json:"accepted"`
	Signed       []signedNote   `json:"signed"`
	Trees        []treeProofs   `json:"trees"`
	EntryProof   string         `json:"entry_proof"`
	EntryLeaf    string         `json:"entry_leaf"`
	EntryProofBy string         `json:"entry_proof_by"`
}

type signedNote struct {
	Vkey string `json:"vkey"`
	Note string `json:"note"`
}

type treeProofs struct {
	Size        int        `json:"size"`
	Root        string     `json:"root"`
	Inclusion   [][]string `json:"inclusion"`
	Consistency [][]string `json:"consistency"`
}

func main() {
	content, err := os.ReadFile(os.Args[1])
	must(err)
	files := unzip(content)
	sum := sha256.Sum256(content)
	found := verdict{Export: hex.EncodeToString(sum[:]), Accepted: map[string]int{}}
	for name := range files {
		if path.Base(name) == "checkpoint" {
			checkLog(files, path.Dir(name), found.Accepted)
		}
	}
	makeNotes(&found)
	makeTrees(&found)
	encoded, err := json.MarshalIndent(found, "", " ")
	must(err)
	fmt.Println(string(encoded))
}

// checkLog checks one log: every checkpoint, every entry in the tree, every tree in the newest.
func checkLog(files map[string][]byte, folder string, accepted map[string]int) {
	origin := originOf(files[folder+"/checkpoint"])
	var logVerifier note.Verifier
	var others []note.Verifier
	for _, vkey := range strings.Fields(string(files["keys"])) {
		name, _, _ := strings.Cut(vkey, "+")
		if name == origin {
			logVerifier = must1(note.NewVerifier(vkey))
		} else if strings.Count(name, "/") == 1 {
			others = append(others, verifiersOf(vkey)...)
		}
	}
	notes := append([][]byte{files[folder+"/checkpoint"]}, cut(files[folder+"/history"])...)
	var newest tlog.Tree
	for _, each := range notes {
		checkpoint, _, opened, err := checkpoints.ParseCheckpoint(each, origin, logVerifier, others...)
		must(err)
		if len(opened.UnverifiedSigs) != 0 {
			panic("a signature was not verified")
		}
		accepted["checkpoints"]++
		accepted["signatures"] += len(opened.Sigs)
		tree := tlog.Tree{N: int64(checkpoint.Size), Hash: tlog.Hash(checkpoint.Hash)}
		if newest.N == 0 {
			newest = tree
		}
		reader := tlog.TileHashReader(newest, tiles{files, folder})
		if tree.N > 0 {
			grown := must1(tlog.ProveTree(newest.N, tree.N, reader))
			must(tlog.CheckTree(grown, newest.N, newest.Hash, tree.N, tree.Hash))
			accepted["consistency"]++
		}
	}
	checkEntries(files, folder, newest, accepted)
}

func checkEntries(files map[string][]byte, folder string, tree tlog.Tree, accepted map[string]int) {
	reader := tlog.TileHashReader(tree, tiles{files, folder})
	for first := int64(0); first < tree.N; first += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(min(256, tree.N-first))}
		name := strings.Replace(tile.Path(), "tile/8/data", "tile/entries", 1)
		for at, entry := range cut(files[folder+"/"+name]) {
			index := first + int64(at)
			included := must1(tlog.ProveRecord(tree.N, index, reader))
			must(tlog.CheckRecord(included, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
			accepted["entries"]++
		}
	}
}

// tiles reads an export's hash tiles for the checksum database's reader.
type tiles struct {
	files  map[string][]byte
	folder string
}

func (t tiles) Height() int { return 8 }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		name := t.folder + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		content, ok := t.files[name]
		if !ok {
			return nil, fmt.Errorf("there is no %s", name)
		}
		found = append(found, content)
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// makeNotes signs a checkpoint with each of the three types, and makes one entry's proof.
func makeNotes(found *verdict) {
	seed := bytes.Repeat([]byte{7}, 32)
	origin := "parley/" + strings.Repeat("a", 26) + "/" + strings.Repeat("b", 25) + "a/0"
	leaves := [][]byte{[]byte("first"), []byte("second"), []byte("third")}
	tree := treeOf(leaves)
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, len(leaves), tlog.Hash(rootOf(tree, 3)))
	plainKey, plainVkey := must2(note.GenerateKey(bytes.NewReader(seed), origin))
	cosignerKey, cosignerVkey := must2(note.GenerateKey(bytes.NewReader(seed), "parley/cosigner"))
	latticeKey, latticeVkey, err := formats.GenerateMLDSAKey("parley/cosigner")
	must(err)
	plain := must1(note.NewSigner(plainKey))
	signers := []struct {
		vkey   string
		signer note.Signer
	}{
		{plainVkey, plain},
		{must1(formats.VKeyToCosignatureV1(cosignerVkey)), must1(formats.NewSignerForCosignatureV1(cosignerKey))},
		{latticeVkey, must1(formats.NewSignerForCosignatureV1(latticeKey))},
	}
	for _, each := range signers {
		signed := must1(note.Sign(&note.Note{Text: text}, each.signer))
		found.Signed = append(found.Signed, signedNote{each.vkey, string(signed)})
	}
	entry := proof.TLogProof{
		Index:      1,
		Hashes:     hashesOf(must1(tlog.ProveRecord(3, 1, tree))),
		Checkpoint: must1(note.Sign(&note.Note{Text: text}, plain)),
	}
	found.EntryProof = string(entry.Marshal())
	found.EntryProofBy = plainVkey
	leaf := tlog.RecordHash(leaves[1])
	found.EntryLeaf = hex.EncodeToString(leaf[:])
}

// makeTrees proves every leaf and every smaller tree of some trees, and checks them a second way.
func makeTrees(found *verdict) {
	for _, size := range []int{1, 2, 3, 4, 5, 7, 8, 11, 16, 31, 33} {
		var leaves [][]byte
		for number := range size {
			leaves = append(leaves, []byte{byte(number)})
		}
		tree := treeOf(leaves)
		root := rootOf(tree, size)
		proofs := treeProofs{Size: size, Root: hex.EncodeToString(root)}
		for index, leaf := range leaves {
			included := must1(tlog.ProveRecord(int64(size), int64(index), tree))
			hash := rfc6962.DefaultHasher.HashLeaf(leaf)
			must(merkle.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), hash, rawOf(included), root))
			grown := must1(tlog.ProveTree(int64(size), int64(index+1), tree))
			must(merkle.VerifyConsistency(rfc6962.DefaultHasher, uint64(index+1), uint64(size), rawOf(grown), rootOf(tree, index+1), root))
			proofs.Inclusion = append(proofs.Inclusion, textOf(rawOf(included)))
			proofs.Consistency = append(proofs.Consistency, textOf(rawOf(grown)))
		}
		found.Trees = append(found.Trees, proofs)
	}
}

// stored is a tree in memory, as the checksum database numbers its hashes.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, index := range indexes {
		found = append(found, s[index])
	}
	return found, nil
}

func treeOf(leaves [][]byte) stored {
	var tree stored
	for number, leaf := range leaves {
		tree = append(tree, must1(tlog.StoredHashes(int64(number), leaf, tree))...)
	}
	return tree
}

func rootOf(tree stored, size int) []byte {
	root := must1(tlog.TreeHash(int64(size), tree))
	return root[:]
}

func rawOf[T ~[]tlog.Hash](hashes T) [][]byte {
	var raw [][]byte
	for _, each := range hashes {
		raw = append(raw, each[:])
	}
	return raw
}

func hashesOf(hashes tlog.RecordProof) [][sha256.Size]byte {
	var found [][sha256.Size]byte
	for _, each := range hashes {
		found = append(found, each)
	}
	return found
}

func textOf(hashes [][]byte) []string {
	found := []string{}
	for _, each := range hashes {
		found = append(found, hex.EncodeToString(each))
	}
	return found
}

// verifiersOf returns the verifier of a cosigning key; the exporter's own key signs no checkpoint.
func verifiersOf(vkey string) []note.Verifier {
	if _, err := note.NewVerifier(vkey); err == nil {
		return nil
	}
	return []note.Verifier{must1(formats.NewVerifierForCosignatureV1(vkey))}
}

func originOf(checkpoint []byte) string {
	origin, _, _ := strings.Cut(string(checkpoint), "\n")
	return origin
}

func cut(content []byte) [][]byte {
	var parts [][]byte
	for len(content) > 0 {
		length := 2 + int(binary.BigEndian.Uint16(content))
		parts = append(parts, content[2:length])
		content = content[length:]
	}
	return parts
}

func unzip(content []byte) map[string][]byte {
	archive := must1(zip.NewReader(bytes.NewReader(content), int64(len(content))))
	files := map[string][]byte{}
	for _, file := range archive.File {
		opened := must1(file.Open())
		files[file.Name] = must1(io.ReadAll(opened))
		must(opened.Close())
	}
	return files
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func must1[T any](value T, err error) T {
	must(err)
	return value
}

func must2[T, U any](first T, second U, err error) (T, U) {
	must(err)
	return first, second
}
