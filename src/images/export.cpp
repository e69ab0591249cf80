#include "images/export.hpp"

#include "archive/archive.hpp"
#include "base/error.hpp"
#include "base/fault.hpp"
#include "base/sha256.hpp"
#include "base/suggest.hpp"
#include "images/export_oci.hpp"
#include "images/qemu_img.hpp"
#include "images/scratch_volume.hpp"
#include "os/fd.hpp"
#include "os/files.hpp"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::images {

namespace {

struct NamedFormat {
    std::string_view suffix;
    ExportFormat format;
    Compression compression;
};

// Longer endings before those they end in.
constexpr std::array<NamedFormat, 14> kSuffixes{{
    {".raw", ExportFormat::raw, Compression::none},
    {".img", ExportFormat::raw, Compression::none},
    {".qcow2", ExportFormat::qcow2, Compression::none},
    {".vmdk", ExportFormat::vmdk, Compression::none},
    {".vhdx", ExportFormat::vhdx, Compression::none},
    {".oci.tar", ExportFormat::oci, Compression::none},
    {".oci", ExportFormat::oci, Compression::none},
    {".tar", ExportFormat::tar, Compression::none},
    {".tar.gz", ExportFormat::tar, Compression::gzip},
    {".tgz", ExportFormat::tar, Compression::gzip},
    {".tar.xz", ExportFormat::tar, Compression::xz},
    {".txz", ExportFormat::tar, Compression::xz},
    {".tar.zst", ExportFormat::tar, Compression::zstd},
    {".tzst", ExportFormat::tar, Compression::zstd},
}};

const std::array<std::string, 6> kWords{"raw", "qcow2", "vmdk", "vhdx", "tar", "oci"};

Format disk_format(ExportFormat format) {
    switch (format) {
        case ExportFormat::qcow2:
            return Format::qcow2;
        case ExportFormat::vmdk:
            return Format::vmdk;
        case ExportFormat::vhdx:
            return Format::vhdx;
        case ExportFormat::raw:
        case ExportFormat::tar:
        case ExportFormat::oci:
            return Format::raw;
    }
    KILN_CHECK(false);
}

void export_disk(
    const Task& task,
    const ExportRequest& request,
    const ports::Image& image,
    const std::filesystem::path& to
) {
    auto volume = ScratchVolume::of(task, image.root_snapshot);
    Conversion conversion;
    conversion.from = volume.device();
    conversion.to = to;
    conversion.to_format = disk_format(request.format);
    if (request.format == ExportFormat::vmdk) {
        // Stream-optimised is the one that is compressed, and what OVF and EC2 take.
        conversion.options = {
            request.compress_disk ? "subformat=streamOptimized" : "subformat=monolithicSparse"};
    } else {
        conversion.compress = request.compress_disk;
    }
    convert(task, conversion, "convert", image.size);
    volume.remove();
}

void export_tar(
    const Task& task,
    Compression compression,
    const std::filesystem::path& root,
    const std::filesystem::path& to
) {
    const auto file = os::open_file(to, O_WRONLY | O_CREAT | O_EXCL, 0644);
    Compressor compressor{compression, [&](std::string_view bytes) { os::write_all(file, bytes); }};
    Bytes done;
    archive::pack(
        root,
        [&](std::string_view bytes) {
            task.check("export");
            compressor.feed(bytes);
            done += Bytes{bytes.size()};
            task.report("pack", done);
        },
        task.stop
    );
    compressor.finish();
}

void export_oci(
    const Task& task,
    const ports::Image& image,
    const std::filesystem::path& root,
    const std::filesystem::path& to,
    bool as_tar
) {
    if (!as_tar) {
        write_oci_layout(task, image, root, to);
        return;
    }
    const auto layout = task.folder / "layout";
    write_oci_layout(task, image, root, layout);
    export_tar(task, Compression::none, layout, to);
    os::remove_tree(layout);
}

void check(const ExportRequest& request) {
    std::vector<Problem> problems;
    if (request.compression != Compression::none && request.format != ExportFormat::tar) {
        problems.push_back({"compression", "is for format tar; a layer of oci is always gzip"});
    }
    if (request.compress_disk && request.format != ExportFormat::qcow2 &&
        request.format != ExportFormat::vmdk) {
        problems.push_back({"compress", "is for formats qcow2 and vmdk"});
    }
    if (!problems.empty()) {
        throw Error{"bad export", std::move(problems)};
    }
}

void write_export(
    const Task& task,
    const ExportRequest& request,
    const ports::Image& image,
    const std::filesystem::path& to
) {
    if (request.format != ExportFormat::tar && request.format != ExportFormat::oci) {
        export_disk(task, request, image, to);
        return;
    }
    MountedImage mounted{task, image, "root"};
    if (request.format == ExportFormat::tar) {
        export_tar(task, request.compression, mounted.root(), to);
    } else {
        export_oci(task, image, mounted.root(), to, request.target.extension() == ".tar");
    }
    mounted.finish();
}

Bytes size_on_disk(const std::filesystem::path& path) {
    if (!std::filesystem::is_directory(path)) {
        return os::allocated_size(path);
    }
    Bytes sum;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{path}) {
        sum += entry.is_regular_file() ? os::allocated_size(entry.path()) : Bytes{};
    }
    return sum;
}

}  // namespace

std::pair<ExportFormat, Compression> format_of_name(std::string_view name) {
    for (const auto& named : kSuffixes) {
        if (name.ends_with(named.suffix)) {
            return {named.format, named.compression};
        }
    }
    throw Error{ErrorKind::invalid, fmt::format("the name '{}' says no format", name)}.hint(
        fmt::format("say --format: {}", fmt::join(kWords, ", "))
    );
}

ExportFormat export_format(std::string_view word) {
    for (std::size_t i = 0; i < kWords.size(); ++i) {
        if (kWords[i] == word) {
            return static_cast<ExportFormat>(i);
        }
    }
    throw Error{
        ErrorKind::invalid,
        fmt::format(
            "unknown format '{}'{}; use {}",
            word,
            did_you_mean(word, kWords),
            fmt::join(kWords, ", ")
        )};
}

Exported export_image(const Task& task, const ExportRequest& request) {
    check(request);
    const auto image = find_image(task.cloud, request.image);
    ExportPlace place{task, request.target, request.overwrite};
    write_export(task, request, image, place.path());
    fault_point("export:written");
    task.report("write out");
    Exported exported{request.target, size_on_disk(place.path())};
    task.check("export");  // the last moment at which to stop leaves nothing behind
    place.commit();
    fault_point("export:committed");
    return exported;
}

std::string image_digest(const Task& task, const ports::Image& image) {
    MountedImage mounted{task, image, "root"};
    Sha256 hash;
    Bytes done;
    archive::pack(
        mounted.root(),
        [&](std::string_view bytes) {
            task.check("hash the image");
            hash.update(bytes);
            done += Bytes{bytes.size()};
            task.report("hash", done);
        },
        task.stop
    );
    mounted.finish();
    return hash.finish();
}

}  // namespace kiln::images
