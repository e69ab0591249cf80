#include "images/export_oci.hpp"

#include "archive/archive.hpp"
#include "base/error.hpp"
#include "base/sha256.hpp"
#include "images/compressor.hpp"
#include "os/fd.hpp"
#include "os/guest_root.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace kiln::images {

namespace {

constexpr std::string_view kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr std::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string oci_architecture(const ports::Image& image) {
    return image.architecture == "x86_64" ? "amd64" : image.architecture;
}

json::object descriptor(std::string_view type, const Blob& blob) {
    return {{"mediaType", type}, {"digest", blob.digest}, {"size", blob.size}};
}

std::filesystem::path blob_file(const std::filesystem::path& folder, const std::string& digest) {
    return folder / "blobs/sha256" / digest.substr(std::string_view{"sha256:"}.size());
}

void write_new(const std::filesystem::path& path, std::string_view bytes) {
    const auto fd = os::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    os::write_all(fd, bytes);
}

Blob write_json(const std::filesystem::path& folder, const json::object& object) {
    const auto text = json::serialize(object);
    const Blob blob{"sha256:" + sha256(text), text.size()};
    write_new(blob_file(folder, blob.digest), text);
    return blob;
}

struct Layer {
    Blob blob;
    std::string diff_id;
};

/// One pass: pack, hash, compress, hash, write. Its name is known at the end only.
Layer write_layer(
    const Task& task, const std::filesystem::path& root, const std::filesystem::path& folder
) {
    const auto unnamed = folder / "blobs/sha256/layer";
    const auto file = os::open_file(unnamed, O_WRONLY | O_CREAT | O_EXCL, 0644);
    Sha256 content;
    Sha256 packed;
    Bytes read;
    std::uint64_t size = 0;
    Compressor gzip{Compression::gzip, [&](std::string_view bytes) {
                        packed.update(bytes);
                        size += bytes.size();
                        os::write_all(file, bytes);
                    }};
    archive::pack(
        root,
        [&](std::string_view bytes) {
            task.check("export");
            content.update(bytes);
            gzip.feed(bytes);
            read += Bytes{bytes.size()};
            task.report("pack", read);
        },
        task.stop
    );
    gzip.finish();
    Layer layer{{"sha256:" + packed.finish(), size}, "sha256:" + content.finish()};
    std::filesystem::rename(unnamed, blob_file(folder, layer.blob.digest));
    return layer;
}

/// So that a tar of the layout is the same whenever it is made.
void set_times(const std::filesystem::path& path, TimePoint time) {
    if (std::filesystem::is_directory(path)) {
        for (const auto& entry : std::filesystem::directory_iterator{path}) {
            set_times(entry.path(), time);
        }
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const timespec stamp{seconds, 0};
    const timespec times[2] = {stamp, stamp};
    if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) {
        throw_errno(fmt::format("set the time of '{}'", path.string()));
    }
}

void make_folder(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0755) != 0 || ::chmod(path.c_str(), 0755) != 0) {
        throw_errno(fmt::format("make folder '{}'", path.string()));
    }
}

}  // namespace

json::object oci_config(
    const ports::Image& image, const inspect::OsRelease& release, const std::string& diff_id
) {
    const auto created = format_time(image.created);
    return {
        {"created", created},
        {"architecture", oci_architecture(image)},
        {"os", "linux"},
        {"config",
         json::object{
             {"Env", json::array{kPath}},
             {"Cmd", json::array{"/bin/sh"}},
             {"Labels",
              json::object{
                  {"org.opencontainers.image.title", image.name},
                  {"org.opencontainers.image.version", release.version_id},
                  {"org.opencontainers.image.base.name", release.pretty_name},
                  {"kiln.image", image.id.str()},
              }},
         }},
        {"rootfs", json::object{{"type", "layers"}, {"diff_ids", json::array{diff_id}}}},
        {"history",
         json::array{json::object{
             {"created", created}, {"created_by", "kiln image export " + image.id.str()}}}},
    };
}

json::object oci_manifest(const ports::Image& image, const Blob& config, const Blob& layer) {
    return {
        {"schemaVersion", 2},
        {"mediaType", kManifestType},
        {"config", descriptor(kConfigType, config)},
        {"layers", json::array{descriptor(kLayerType, layer)}},
        {"annotations",
         json::object{
             {"org.opencontainers.image.created", format_time(image.created)},
             {"org.opencontainers.image.title", image.name},
         }},
    };
}

json::object oci_index(const ports::Image& image, const Blob& manifest) {
    auto entry = descriptor(kManifestType, manifest);
    entry["platform"] = json::object{{"architecture", oci_architecture(image)}, {"os", "linux"}};
    entry["annotations"] = json::object{{"org.opencontainers.image.ref.name", image.id.str()}};
    return {
        {"schemaVersion", 2},
        {"mediaType", kIndexType},
        {"manifests", json::array{std::move(entry)}},
    };
}

void write_oci_layout(
    const Task& task,
    const ports::Image& image,
    const std::filesystem::path& root,
    const std::filesystem::path& folder
) {
    make_folder(folder);
    make_folder(folder / "blobs");
    make_folder(folder / "blobs/sha256");
    const auto release =
        inspect::read_os_release(os::GuestRoot{root}).value_or(inspect::OsRelease{});
    const auto layer = write_layer(task, root, folder);
    const auto config = write_json(folder, oci_config(image, release, layer.diff_id));
    const auto manifest = write_json(folder, oci_manifest(image, config, layer.blob));
    write_new(folder / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    write_new(folder / "index.json", json::serialize(oci_index(image, manifest)));
    set_times(folder, image.created);
}

}  // namespace kiln::images
