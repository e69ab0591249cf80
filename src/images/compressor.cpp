#include "images/compressor.hpp"

#include "base/error.hpp"

#include <exception>
#include <thread>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <sys/stat.h>

namespace kiln::images {

namespace {

struct FreeArchive {
    void operator()(::archive* writer) const noexcept { archive_write_free(writer); }
};

struct FreeEntry {
    void operator()(::archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

}  // namespace

struct Compressor::State {
    Write write;
    std::exception_ptr failure;  ///< libarchive is C: nothing may be thrown through it
    std::unique_ptr<::archive, FreeArchive> archive;

    static la_ssize_t on_write(::archive*, void* self, const void* buffer, std::size_t length) {
        auto& state = *static_cast<State*>(self);
        try {
            state.write({static_cast<const char*>(buffer), length});
            return static_cast<la_ssize_t>(length);
        } catch (...) {
            state.failure = std::current_exception();
            return -1;
        }
    }

    void check(bool good) {
        if (failure) {
            std::rethrow_exception(failure);
        }
        if (!good) {
            const char* said = archive_error_string(archive.get());
            throw Error{
                ErrorKind::internal,
                fmt::format("compress: {}", said == nullptr ? "failed" : said)};
        }
    }

    void option(const char* module, const char* name, const char* value) {
        check(archive_write_set_filter_option(archive.get(), module, name, value) == ARCHIVE_OK);
    }

    void add_filter(Compression compression) {
        // At least two threads: liblzma cuts its output into blocks from two on, so the bytes are
        // the same on a machine with one core and on one with many.
        const auto threads = std::to_string(std::max(2U, std::thread::hardware_concurrency()));
        switch (compression) {
            case Compression::none:
                break;
            case Compression::gzip:
                check(archive_write_add_filter_gzip(archive.get()) == ARCHIVE_OK);
                option("gzip", "timestamp", nullptr);
                break;
            case Compression::xz:
                check(archive_write_add_filter_xz(archive.get()) == ARCHIVE_OK);
                option("xz", "threads", threads.c_str());
                break;
            case Compression::zstd:
                check(archive_write_add_filter_zstd(archive.get()) == ARCHIVE_OK);
                break;
        }
    }
};

Compressor::Compressor(Compression compression, Write write) : state_{std::make_unique<State>()} {
    state_->write = std::move(write);
    state_->archive.reset(archive_write_new());
    auto* writer = state_->archive.get();
    KILN_CHECK(writer != nullptr);
    state_->add_filter(compression);
    state_->check(archive_write_set_format_raw(writer) == ARCHIVE_OK);
    state_->check(archive_write_set_bytes_per_block(writer, 0) == ARCHIVE_OK);
    state_->check(
        archive_write_open(writer, state_.get(), nullptr, State::on_write, nullptr) == ARCHIVE_OK
    );
    const std::unique_ptr<::archive_entry, FreeEntry> entry{archive_entry_new()};
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    state_->check(archive_write_header(writer, entry.get()) == ARCHIVE_OK);
}

Compressor::~Compressor() = default;

void Compressor::feed(std::string_view bytes) {
    const auto wrote = archive_write_data(state_->archive.get(), bytes.data(), bytes.size());
    state_->check(wrote == static_cast<la_ssize_t>(bytes.size()));
}

void Compressor::finish() {
    state_->check(archive_write_close(state_->archive.get()) == ARCHIVE_OK);
}

}  // namespace kiln::images
