#pragma once

#include "base/error.hpp"

#include <filesystem>
#include <functional>
#include <string>

#include <archive.h>
#include <archive_entry.h>

#include <sys/stat.h>

namespace kiln::archive::testing {

/// Writes tar archives, good and hostile ones.
class TarBuilder {
  public:
    explicit TarBuilder(const std::filesystem::path& path, const std::string& filter = "none") {
        archive_write_set_format_pax_restricted(tar_);
        if (filter != "none") {
            KILN_CHECK(archive_write_add_filter_by_name(tar_, filter.c_str()) == ARCHIVE_OK);
        }
        archive_write_set_bytes_per_block(tar_, 512);
        KILN_CHECK(archive_write_open_filename(tar_, path.c_str()) == ARCHIVE_OK);
    }

    TarBuilder(const TarBuilder&) = delete;
    TarBuilder& operator=(const TarBuilder&) = delete;

    ~TarBuilder() {
        archive_write_close(tar_);
        archive_write_free(tar_);
        archive_entry_free(entry_);
    }

    using More = std::function<void(archive_entry*)>;

    TarBuilder& file(
        const std::string& name,
        const std::string& bytes,
        unsigned mode = 0644,
        const More& more = {}
    ) {
        begin(name, S_IFREG | mode);
        archive_entry_set_size(entry_, static_cast<la_int64_t>(bytes.size()));
        return put(bytes, more);
    }

    TarBuilder& folder(const std::string& name, unsigned mode = 0755, const More& more = {}) {
        begin(name, S_IFDIR | mode);
        return put("", more);
    }

    TarBuilder& symlink(const std::string& name, const std::string& target) {
        begin(name, S_IFLNK | 0777);
        archive_entry_copy_symlink(entry_, target.c_str());
        return put("", {});
    }

    TarBuilder& hard_link(const std::string& name, const std::string& target) {
        begin(name, S_IFREG | 0644);
        archive_entry_copy_hardlink(entry_, target.c_str());
        return put("", {});
    }

    TarBuilder& node(
        const std::string& name, unsigned type, unsigned major = 1, unsigned minor = 3
    ) {
        begin(name, type | 0666);
        archive_entry_set_rdevmajor(entry_, major);
        archive_entry_set_rdevminor(entry_, minor);
        return put("", {});
    }

    /// `count` zero bytes, written in pieces.
    TarBuilder& zeros(const std::string& name, std::size_t count) {
        begin(name, S_IFREG | 0644);
        archive_entry_set_size(entry_, static_cast<la_int64_t>(count));
        KILN_CHECK(archive_write_header(tar_, entry_) == ARCHIVE_OK);
        const std::string piece(1U << 20, '\0');
        for (std::size_t left = count; left > 0; left -= std::min(left, piece.size())) {
            archive_write_data(tar_, piece.data(), std::min(left, piece.size()));
        }
        return *this;
    }

  private:
    void begin(const std::string& name, unsigned mode) {
        archive_entry_clear(entry_);
        archive_entry_copy_pathname(entry_, name.c_str());
        archive_entry_set_mode(entry_, mode);
        archive_entry_set_mtime(entry_, 1'700'000'000, 0);
    }

    TarBuilder& put(const std::string& bytes, const More& more) {
        if (more) {
            more(entry_);
        }
        KILN_CHECK(archive_write_header(tar_, entry_) >= ARCHIVE_WARN);
        if (!bytes.empty()) {
            archive_write_data(tar_, bytes.data(), bytes.size());
        }
        return *this;
    }

    ::archive* tar_ = archive_write_new();
    archive_entry* entry_ = archive_entry_new();
};

}  // namespace kiln::archive::testing
