#pragma once

#include "archive/thread_locale.hpp"
#include "base/bytes.hpp"
#include "os/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

struct archive;
struct archive_entry;

namespace kiln::archive {

/// One tar archive, read from front to back. To be used by the thread that made it, and not moved.
/// @throws Error  invalid: not a tar, cut short, damaged · cancelled · by errno
class Reader {
  public:
    Reader(
        const std::filesystem::path& path, std::stop_token stop, std::function<void(Bytes)> progress
    );
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// The next member, valid until the next call; nullptr after the last.
    [[nodiscard]] archive_entry* next();

    struct Block {
        std::string_view bytes;
        std::uint64_t offset;  ///< in the member; what blocks leave out is a hole
    };

    /// The next part of the current member's bytes. @returns false after the last
    [[nodiscard]] bool read(Block& block);

    [[nodiscard]] Bytes packed() const;    ///< read from the file so far
    [[nodiscard]] Bytes unpacked() const;  ///< of the tar stream so far

  private:
    struct Close {
        void operator()(::archive* reader) const noexcept;
    };

    static long read_callback(::archive*, void* self, const void** buffer);
    void check(int result) const;
    [[noreturn]] void fail() const;

    ThreadLocale locale_{"C"};
    os::Fd file_;
    std::stop_token stop_;
    std::function<void(Bytes)> progress_;
    std::string buffer_;
    Bytes read_;
    int read_errno_ = 0;
    std::unique_ptr<::archive, Close> archive_;
};

}  // namespace kiln::archive
