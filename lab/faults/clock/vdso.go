package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// piece is some bytes of the vDSO, counted from its beginning.
type piece struct {
	offset int
	bytes  []byte
}

// change is what is written into a vDSO: first the new functions, into the unused end of its last page, then the jumps to
// them, each within eight aligned bytes at the beginning of an old one. For the true time it is the old beginnings.
type change struct {
	header []byte
	pieces []piece
}

// The new functions, in which AAAAAAAA stands for the seconds: they call the kernel, and add to what is wall-clock time.
var functions = map[string]string{
	// mov $228,%eax; syscall; test %eax,%eax; jne 1f; test %edi,%edi; je 0f; cmp $5,%edi; jne 1f;
	// 0: addq $AAAAAAAA,(%rsi); 1: ret
	"__vdso_clock_gettime": "b8e4000000 0f05 85c0 7510 85ff 7405 83ff05 7507 488106AAAAAAAA c3",
	// mov $96,%eax; syscall; test %eax,%eax; jne 1f; test %rdi,%rdi; je 1f; addq $AAAAAAAA,(%rdi); 1: ret
	"__vdso_gettimeofday": "b860000000 0f05 85c0 750c 4885ff 7407 488107AAAAAAAA c3",
	// mov %rdi,%rdx; xor %edi,%edi; mov $201,%eax; syscall; add $AAAAAAAA,%rax; test %rdx,%rdx; je 1f; mov %rax,(%rdx); 1: ret
	"__vdso_time": "4889fa 31ff b8c9000000 0f05 4805AAAAAAAA 4885d2 7403 488902 c3",
}

// newChange makes it from the vDSO of this very process, which nobody has changed: all processes get the same one.
func newChange(seconds int32) (*change, error) {
	image, err := vdsoOf(os.Getpid())
	if err != nil {
		return nil, err
	}
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	if file.Machine != elf.EM_X86_64 {
		return nil, errors.New("the clock of a droplet can jump on x86-64 only")
	}
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return nil, err
	}
	made := &change{header: image[:64]}
	var jumps []piece
	free := (len(bytes.TrimRight(image, "\x00")) + 15) / 16 * 16
	for _, symbol := range symbols {
		function, ok := functions[symbol.Name]
		if !ok {
			continue
		}
		entry := int(symbol.Value)
		if entry%8 != 0 {
			return nil, fmt.Errorf("%s does not begin at eight aligned bytes", symbol.Name)
		}
		beginning := bytes.Clone(image[entry : entry+8])
		if seconds != 0 {
			code, err := machineCode(function, seconds)
			if err != nil {
				return nil, err
			}
			made.pieces = append(made.pieces, piece{free, code})
			beginning[0] = 0xe9 // jmp
			binary.LittleEndian.PutUint32(beginning[1:], uint32(free-entry-5))
			free += (len(code) + 15) / 16 * 16
		}
		jumps = append(jumps, piece{entry, beginning})
	}
	if len(jumps) != len(functions) || free > len(image) {
		return nil, errors.New("this kernel's vDSO has not what it takes to let the clock of a droplet jump")
	}
	made.pieces = append(made.pieces, jumps...)
	return made, nil
}

func machineCode(function string, seconds int32) ([]byte, error) {
	added := hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, uint32(seconds)))
	return hex.DecodeString(strings.NewReplacer(" ", "", "AAAAAAAA", added).Replace(function))
}

// apply writes it into one process. One that is gone, or has no vDSO of this kind (a thread of the kernel, a program for 32
// bits), is passed over.
func (c *change) apply(process int) error {
	base, _, err := vdsoRange(process)
	if err != nil || base == 0 {
		return ignoreGone(err)
	}
	memory, err := os.OpenFile(proc(process, "mem"), os.O_RDWR, 0)
	if err != nil {
		return ignoreGone(err)
	}
	defer memory.Close()
	header := make([]byte, len(c.header))
	if _, err := memory.ReadAt(header, base); err != nil {
		return ignoreGone(err)
	}
	if !bytes.Equal(header, c.header) {
		return nil
	}
	if err := c.mayWrite(process, base); err != nil {
		return ignoreGone(err)
	}
	for _, piece := range c.pieces {
		if _, err := memory.WriteAt(piece.bytes, base+int64(piece.offset)); err != nil {
			return ignoreGone(err)
		}
	}
	return nil
}

var errBusy = errors.New("a program is in the middle of asking for the time")

// mayWrite is errBusy while a thread of the process, which is held, stands inside of what is to be changed.
func (c *change) mayWrite(process int, base int64) error {
	threads, err := filepath.Glob(proc(process, "task/[0-9]*/syscall"))
	if err != nil {
		return err
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		fields := strings.Fields(string(text))
		if err != nil || len(fields) < 3 {
			continue
		}
		// Last stands the address of its next instruction.
		next, err := strconv.ParseUint(fields[len(fields)-1], 0, 64)
		if err != nil {
			return fmt.Errorf("%s is not understood: %w", thread, err)
		}
		for _, piece := range c.pieces {
			beginning := uint64(base) + uint64(piece.offset)
			if beginning < next && next < beginning+uint64(len(piece.bytes)) {
				return errBusy
			}
		}
	}
	return nil
}

func vdsoOf(process int) ([]byte, error) {
	base, size, err := vdsoRange(process)
	if err != nil {
		return nil, err
	}
	memory, err := os.Open(proc(process, "mem"))
	if err != nil {
		return nil, err
	}
	defer memory.Close()
	image := make([]byte, size)
	_, err = memory.ReadAt(image, base)
	return image, err
}

// vdsoRange is where a process has its vDSO; 0 if nowhere.
func vdsoRange(process int) (base int64, size int64, err error) {
	maps, err := os.ReadFile(proc(process, "maps"))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(maps)) {
		var end int64
		if strings.HasSuffix(line, "[vdso]\n") {
			_, err := fmt.Sscanf(line, "%x-%x", &base, &end)
			return base, end - base, err
		}
	}
	return 0, 0, nil
}

func proc(process int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(process), name)
}

// ignoreGone is nil for the errors of a process that ended meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
