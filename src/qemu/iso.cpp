#include "qemu/iso.hpp"

#include "base/error.hpp"

#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace kiln::qemu {

namespace {

struct FreeWriter {
    void operator()(::archive* writer) const noexcept { archive_write_free(writer); }
};

struct FreeEntry {
    void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

void require(::archive* writer, int status, const char* doing) {
    if (status != ARCHIVE_OK) {
        const char* why = archive_error_string(writer);
        throw Error{
            ErrorKind::internal,
            fmt::format("make an ISO image: {}: {}", doing, why != nullptr ? why : "it failed")};
    }
}

la_ssize_t append(::archive* /*writer*/, void* to, const void* bytes, std::size_t size) {
    try {
        static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
        return static_cast<la_ssize_t>(size);
    } catch (const std::bad_alloc&) {  // the edge of C code
        return -1;
    }
}

void write_file(::archive* writer, const IsoFile& file) {
    const std::unique_ptr<archive_entry, FreeEntry> entry{archive_entry_new()};
    archive_entry_set_pathname(entry.get(), file.name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.content.size()));
    archive_entry_set_mtime(entry.get(), 0, 0);
    require(writer, archive_write_header(writer, entry.get()), "begin a file");
    const auto written = archive_write_data(writer, file.content.data(), file.content.size());
    if (written != static_cast<la_ssize_t>(file.content.size())) {
        require(writer, ARCHIVE_FATAL, "write a file");
    }
}

}  // namespace

std::string iso_image(const std::string& label, const std::vector<IsoFile>& files) {
    std::string image;
    const std::unique_ptr<::archive, FreeWriter> writer{archive_write_new()};
    require(writer.get(), archive_write_set_format_iso9660(writer.get()), "choose the format");
    require(
        writer.get(),
        archive_write_set_format_option(writer.get(), "iso9660", "volume-id", label.c_str()),
        "set the label"
    );
    require(
        writer.get(),
        archive_write_open(writer.get(), &image, nullptr, append, nullptr),
        "begin the image"
    );
    for (const auto& file : files) {
        write_file(writer.get(), file);
    }
    require(writer.get(), archive_write_close(writer.get()), "end the image");
    return image;
}

}  // namespace kiln::qemu
