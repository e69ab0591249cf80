#include "os/kernel_log.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::os {

KernelLog::KernelLog() : fd_{::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)} {
    if (fd_ && ::lseek(fd_.get(), 0, SEEK_END) < 0) {
        fd_ = Fd{};
    }
}

std::string KernelLog::last_word_on(std::string_view word) const {
    std::string last;
    std::array<char, 8192> record;  // one read is one record: Documentation/ABI/testing/dev-kmsg
    while (fd_ && !word.empty()) {
        const auto size = ::read(fd_.get(), record.data(), record.size());
        if (size < 0 && (errno == EPIPE || errno == EINTR)) {
            continue;  // EPIPE: records were overwritten before we read them
        }
        if (size <= 0) {
            break;
        }
        std::string_view text{record.data(), static_cast<std::size_t>(size)};
        text = text.substr(0, text.find('\n'));
        const auto message = text.find(';');
        if (message != std::string_view::npos &&
            text.find(word, message) != std::string_view::npos) {
            last = text.substr(message + 1);
        }
    }
    return last;
}

}  // namespace kiln::os
