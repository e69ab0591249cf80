#include "compute/init_program.hpp"

// The assembler takes the file in; CMake makes this object depend on it.
asm(".section .rodata\n"
    ".balign 16\n"
    ".global kiln_init_begin\n"
    "kiln_init_begin:\n"
    ".incbin \"" KILN_INIT_FILE
    "\"\n"
    ".global kiln_init_end\n"
    "kiln_init_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char kiln_init_begin[];
extern const char kiln_init_end[];
}

namespace kiln::compute {

std::string_view init_program() noexcept {
    return {kiln_init_begin, static_cast<std::size_t>(kiln_init_end - kiln_init_begin)};
}

std::string init_frame(char letter, std::string_view bytes) {
    std::string frame{letter};
    for (unsigned shift = 0; shift < 32; shift += 8) {
        frame += static_cast<char>(bytes.size() >> shift & 255U);
    }
    return frame.append(bytes);
}

}  // namespace kiln::compute
