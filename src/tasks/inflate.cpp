#include "tasks/inflate.hpp"

#include "base/error.hpp"

#include <array>
#include <memory>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace kiln::tasks {

namespace {

constexpr std::string_view kGzip = "\x1f\x8b";
constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";

struct Close {
    void operator()(::archive* reader) const noexcept { archive_read_free(reader); }
};

void check(::archive* reader, int result) {
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
        const char* text = archive_error_string(reader);
        throw Error{
            ErrorKind::invalid,
            fmt::format("damaged: {}", text != nullptr ? text : "unknown damage")};
    }
}

}  // namespace

std::string inflated(std::string bytes, std::size_t limit) {
    const std::string_view packed = bytes;
    if (!packed.starts_with(kGzip) && !packed.starts_with(kZstd)) {
        return bytes;
    }
    const std::unique_ptr<::archive, Close> reader{archive_read_new()};
    archive_read_support_filter_gzip(reader.get());
    archive_read_support_filter_zstd(reader.get());
    archive_read_support_format_raw(reader.get());
    check(reader.get(), archive_read_open_memory(reader.get(), bytes.data(), bytes.size()));
    archive_entry* entry = nullptr;
    check(reader.get(), archive_read_next_header(reader.get(), &entry));
    std::string out;
    std::array<char, 65'536> block;
    for (;;) {
        const auto got = archive_read_data(reader.get(), block.data(), block.size());
        if (got < 0) {
            check(reader.get(), static_cast<int>(got));
        }
        if (got <= 0) {
            return out;
        }
        out.append(block.data(), static_cast<std::size_t>(got));
        if (out.size() > limit) {
            throw Error{ErrorKind::invalid, fmt::format("longer than {} bytes", limit)};
        }
    }
}

}  // namespace kiln::tasks
