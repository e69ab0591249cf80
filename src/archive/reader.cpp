#include "archive/reader.hpp"

#include "base/error.hpp"

#include <cerrno>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln::archive {

namespace {

constexpr std::size_t kBlock = 256U << 10;
constexpr std::uint64_t kTarRecord = 512;

}  // namespace

void Reader::Close::operator()(::archive* reader) const noexcept {
    archive_read_free(reader);
}

Reader::Reader(
    const std::filesystem::path& path, std::stop_token stop, std::function<void(Bytes)> progress
)
    : file_{os::open_file(path, O_RDONLY)},
      stop_{std::move(stop)},
      progress_{std::move(progress)},
      buffer_(kBlock, '\0'),
      archive_{archive_read_new()} {
    struct stat status {};

    if (::fstat(file_.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
        throw Error{ErrorKind::invalid, "it is a folder, not an archive"};
    }
    auto* reader = archive_.get();
    if (reader == nullptr) {
        throw Error{ErrorKind::exhausted, "no memory for an archive reader"};
    }
    archive_read_support_filter_gzip(reader);
    archive_read_support_filter_bzip2(reader);
    archive_read_support_filter_xz(reader);
    archive_read_support_filter_lzma(reader);
    archive_read_support_filter_zstd(reader);
    archive_read_support_format_tar(reader);
    check(archive_read_open(reader, this, nullptr, read_callback, nullptr));
}

long Reader::read_callback(::archive* reader, void* self, const void** buffer) {
    auto& me = *static_cast<Reader*>(self);
    if (me.stop_.stop_requested()) {
        archive_set_error(reader, ECANCELED, "cancelled");
        return -1;
    }
    ssize_t got = 0;
    do {
        got = ::read(me.file_.get(), me.buffer_.data(), me.buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        me.read_errno_ = errno;
        archive_set_error(reader, errno, "read failed");
        return -1;
    }
    me.read_ += Bytes{static_cast<std::uint64_t>(got)};
    if (me.progress_) {
        me.progress_(me.read_);
    }
    *buffer = me.buffer_.data();
    return got;
}

void Reader::fail() const {
    if (stop_.stop_requested()) {
        throw Error{ErrorKind::cancelled, "unpacking was cancelled"};
    }
    if (read_errno_ != 0) {
        throw Error::from_errno(read_errno_, "read");
    }
    const char* text = archive_error_string(archive_.get());
    const std::string_view said = text != nullptr ? text : "unknown damage";
    if (archive_errno(archive_.get()) == ENOMEM) {
        throw Error{ErrorKind::exhausted, fmt::format("no memory: {}", said)};
    }
    if (archive_file_count(archive_.get()) == 0) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "not a tar archive (plain or in gzip, bzip2, xz or zstd), or cut short: {}", said
            )};
    }
    throw Error{ErrorKind::invalid, fmt::format("damaged or cut short: {}", said)};
}

void Reader::check(int result) const {
    // Warnings speak of names that are not in the "C" character set; the names are whole.
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN && result != ARCHIVE_EOF) {
        fail();
    }
}

archive_entry* Reader::next() {
    if (stop_.stop_requested()) {
        fail();
    }
    const auto before = unpacked().count;
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    check(result);
    if (result != ARCHIVE_EOF) {
        return entry;
    }
    // libarchive takes a stream that stops between two members for a whole one: a tar ends with
    // empty records, of which at least one must have been read after the last member's padding.
    const auto padded = (before + kTarRecord - 1) / kTarRecord * kTarRecord;
    if (unpacked().count < padded + kTarRecord) {
        throw Error{ErrorKind::invalid, "cut short: the end mark of the archive is missing"};
    }
    return nullptr;
}

bool Reader::read(Block& block) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int result = archive_read_data_block(archive_.get(), &bytes, &size, &offset);
    check(result);
    if (result == ARCHIVE_EOF) {
        return false;
    }
    block = {{static_cast<const char*>(bytes), size}, static_cast<std::uint64_t>(offset)};
    return true;
}

Bytes Reader::packed() const {
    return read_;
}

Bytes Reader::unpacked() const {
    return Bytes{static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), 0))};
}

}  // namespace kiln::archive
