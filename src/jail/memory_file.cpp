#include "jail/memory_file.hpp"

#include "base/error.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace kiln::jail {

os::Fd memory_file(const char* name, std::string_view bytes) {
    os::Fd file{::memfd_create(name, MFD_CLOEXEC)};
    if (!file) {
        throw_errno("make a file in memory");
    }
    os::write_all(file, bytes);
    rewind_file(file);
    return file;
}

void rewind_file(const os::Fd& fd) {
    if (::lseek(fd.get(), 0, SEEK_SET) < 0) {
        throw_errno("rewind a file in memory");
    }
}

}  // namespace kiln::jail
