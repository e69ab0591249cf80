#include "jail/output_pipe.hpp"

#include "base/error.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <unistd.h>

namespace kiln::jail {

namespace {

constexpr std::size_t kLongestPart = 64U << 10;
constexpr std::size_t kReadSize = 64U << 10;
constexpr int kReadsAtOnce = 4;
constexpr int kReadsAtEnd = 32;  // a pipe holds 1 MiB at most: /proc/sys/fs/pipe-max-size
constexpr std::size_t kKeptOfLine = 400;

}  // namespace

OutputPipe::OutputPipe(os::Fd fd, Stream stream, const LineSink& sink)
    : fd_{std::move(fd)}, splitter_{kLongestPart, [this, stream, &sink](const os::Line& line) {
                                        keep(line);
                                        sink(stream, line);
                                    }} {}

void OutputPipe::keep(const os::Line& line) {
    if (!within_line_ && !line.text.empty()) {
        last_line_ = line.text.substr(0, kKeptOfLine);
    }
    within_line_ = line.more;
}

bool OutputPipe::read_once() {
    std::array<char, kReadSize> buffer;
    const auto size = ::read(fd_.get(), buffer.data(), buffer.size());
    if (size > 0) {
        bytes_ += static_cast<std::uint64_t>(size);
        splitter_.feed({buffer.data(), static_cast<std::size_t>(size)});
        return true;
    }
    if (size < 0 && errno == EINTR) {
        return true;
    }
    if (size < 0 && errno == EAGAIN) {
        return false;
    }
    if (size < 0) {
        throw_errno("read the output of the jail");
    }
    fd_ = os::Fd{};
    return false;
}

void OutputPipe::read_some() {
    for (int i = 0; i < kReadsAtOnce && fd_ && read_once(); ++i) {
    }
}

void OutputPipe::finish() {
    for (int i = 0; i < kReadsAtEnd && fd_ && read_once(); ++i) {
    }
    fd_ = os::Fd{};
    splitter_.finish();
}

}  // namespace kiln::jail
