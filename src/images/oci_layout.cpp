#include "images/oci_layout.hpp"

#include "base/error.hpp"
#include "base/sha256.hpp"
#include "inspect/os_release.hpp"
#include "os/fd.hpp"
#include "os/guest_root.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace kiln::images {

namespace {

constexpr std::size_t kMostJson = 4U << 20;
constexpr int kMostIndexes = 4;  // an index may hold indexes

[[noreturn]] void refuse(std::string message) {
    throw Error{ErrorKind::invalid, std::move(message)};
}

/// Reads what others write, so unknown keys are theirs and of no concern.
std::string text(const json::value& value, std::initializer_list<std::string_view> path) {
    const auto* here = &value;
    for (const auto key : path) {
        const auto* object = here->if_object();
        here = object == nullptr ? nullptr : object->if_contains(key);
        if (here == nullptr) {
            return {};
        }
    }
    return here->is_string() ? std::string{here->get_string()} : std::string{};
}

const json::array& list(const json::value& value, std::string_view key, std::string_view what) {
    const auto* object = value.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(key);
    if (found == nullptr || !found->is_array()) {
        refuse(fmt::format("{} has no list \"{}\"", what, key));
    }
    return found->get_array();
}

Descriptor descriptor(const json::value& value) {
    Descriptor found;
    found.media_type = text(value, {"mediaType"});
    found.digest = text(value, {"digest"});
    found.architecture = text(value, {"platform", "architecture"});
    found.os = text(value, {"platform", "os"});
    found.reference = text(value, {"annotations", "org.opencontainers.image.ref.name"});
    (void)blob_path(found.digest);
    const auto* object = value.if_object();
    const auto* size = object == nullptr ? nullptr : object->if_contains("size");
    if (size == nullptr || !size->is_int64() || size->get_int64() < 0) {
        refuse(fmt::format("blob {} has no size", found.digest));
    }
    found.size = static_cast<std::uint64_t>(size->get_int64());
    return found;
}

bool is_index(const Descriptor& descriptor) {
    return descriptor.media_type.find("image.index") != std::string::npos ||
           descriptor.media_type.find("manifest.list") != std::string::npos;
}

std::string describe(const std::vector<Descriptor>& manifests) {
    std::string text;
    for (const auto& one : manifests) {
        text += fmt::format(
            "\n  {}{}{}",
            one.digest.substr(0, 19),
            one.reference.empty() ? "" : " " + one.reference,
            one.architecture.empty() ? "" : fmt::format(" ({}/{})", one.os, one.architecture)
        );
    }
    return text;
}

/// The blob's path, after its bytes were found to be those that its digest names.
std::filesystem::path checked_blob(
    const Task& task, const std::filesystem::path& folder, const Descriptor& blob
) {
    // Opened as if the folder were a root: a link in a layout cannot lead to a file of this host.
    const os::GuestRoot layout{folder};
    const auto inside = "/" + blob_path(blob.digest);
    if (layout.status(inside).type != os::GuestRoot::Type::file) {
        refuse(fmt::format("blob {} is missing from the layout", blob.digest));
    }
    const auto fd = layout.open(inside, O_RDONLY);
    Sha256 hash;
    std::uint64_t done = 0;
    std::string block(1U << 20, '\0');
    for (;;) {
        task.check("check the layers");
        const auto got = ::read(fd.get(), block.data(), block.size());
        if (got < 0) {
            throw_errno(fmt::format("read blob {}", blob.digest));
        }
        if (got == 0) {
            break;
        }
        hash.update(std::string_view{block}.substr(0, static_cast<std::size_t>(got)));
        done += static_cast<std::uint64_t>(got);
        task.report("check", Bytes{done}, Bytes{blob.size});
    }
    if (done != blob.size || "sha256:" + hash.finish() != blob.digest) {
        refuse(fmt::format("blob {} holds other bytes than its digest says", blob.digest));
    }
    return folder / blob_path(blob.digest);
}

json::value read_json(const std::filesystem::path& path) {
    try {
        return parse_json(os::read_file(path, kMostJson));
    } catch (const Error& error) {
        throw error.while_(fmt::format("read '{}'", path.filename().string()));
    }
}

std::string architecture_of(const std::string& word) {
    return inspect::architecture_word(word).value_or("");
}

bool has_tag(const json::value& image, const std::string& reference) {
    const auto* object = image.if_object();
    const auto* tags = object == nullptr ? nullptr : object->if_contains("RepoTags");
    return tags != nullptr && tags->is_array() &&
           std::any_of(tags->get_array().begin(), tags->get_array().end(), [&](const auto& tag) {
               return tag == json::value(reference);
           });
}

std::string tags_of(const json::array& images) {
    std::string text;
    for (const auto& image : images) {
        const auto* object = image.if_object();
        const auto* tags = object == nullptr ? nullptr : object->if_contains("RepoTags");
        text += "\n  " + (tags == nullptr ? "(no tag)" : json::serialize(*tags));
    }
    return text;
}

const json::value& choose_image(const json::array& images, const std::string& reference) {
    const json::value* found = nullptr;
    for (const auto& image : images) {
        if (reference.empty() || has_tag(image, reference)) {
            if (found != nullptr) {
                refuse("the archive holds several images; say which by its tag:" + tags_of(images));
            }
            found = &image;
        }
    }
    if (found == nullptr) {
        refuse(fmt::format(
            "the archive holds no image \"{}\"; it holds:{}", reference, tags_of(images)
        ));
    }
    return *found;
}

}  // namespace

std::string blob_path(std::string_view digest) {
    constexpr std::string_view kAlgorithm = "sha256:";
    const auto hex = digest.starts_with(kAlgorithm) ? digest.substr(kAlgorithm.size()) : "";
    if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) {
        refuse(fmt::format("'{}' is not a sha256 digest", digest.substr(0, 100)));
    }
    return fmt::format("blobs/sha256/{}", hex);
}

std::vector<Descriptor> parse_index(const json::value& index) {
    std::vector<Descriptor> manifests;
    for (const auto& value : list(index, "manifests", "the index")) {
        manifests.push_back(descriptor(value));
    }
    return manifests;
}

Manifest parse_manifest(const json::value& manifest) {
    Manifest parsed;
    const auto* object = manifest.if_object();
    const auto* config = object == nullptr ? nullptr : object->if_contains("config");
    if (config == nullptr) {
        refuse("the manifest names no config");
    }
    parsed.config = descriptor(*config);
    for (const auto& value : list(manifest, "layers", "the manifest")) {
        auto layer = descriptor(value);
        if (layer.media_type.find("tar") == std::string::npos ||
            layer.media_type.find("encrypted") != std::string::npos) {
            refuse(fmt::format("layer {} is of type {}, not a tar", layer.digest, layer.media_type)
            );
        }
        parsed.layers.push_back(std::move(layer));
    }
    return parsed;
}

Descriptor choose_manifest(
    const std::vector<Descriptor>& manifests,
    const std::string& reference,
    const std::string& architecture
) {
    const auto only = [](const std::vector<Descriptor>& all, auto wanted) {
        std::vector<Descriptor> hits;
        std::copy_if(all.begin(), all.end(), std::back_inserter(hits), wanted);
        return hits;
    };
    auto candidates = only(manifests, [&](const Descriptor& one) {
        // Attestations stand in indexes as manifests of an unknown platform.
        return one.os != "unknown" && (reference.empty() || one.reference == reference);
    });
    if (candidates.size() > 1) {
        const auto fitting = only(candidates, [&](const Descriptor& one) {
            return (one.os.empty() || one.os == "linux") &&
                   architecture_of(one.architecture) == architecture;
        });
        candidates = fitting.empty() ? candidates : fitting;
    }
    if (candidates.size() != 1) {
        refuse(fmt::format(
            "the layout holds {} images that fit{}; it holds:{}",
            candidates.size(),
            reference.empty() ? "" : fmt::format(" \"{}\"", reference),
            describe(manifests)
        ));
    }
    return candidates.front();
}

ContainerImage read_oci_layout(
    const Task& task,
    const std::filesystem::path& folder,
    const std::string& reference,
    const std::string& architecture
) {
    auto chosen =
        choose_manifest(parse_index(read_json(folder / "index.json")), reference, architecture);
    for (int depth = 0; is_index(chosen); ++depth) {
        if (depth == kMostIndexes) {
            refuse("the layout's indexes point at each other too often");
        }
        chosen = choose_manifest(
            parse_index(read_json(checked_blob(task, folder, chosen))), "", architecture
        );
    }
    const auto manifest = parse_manifest(read_json(checked_blob(task, folder, chosen)));
    const auto config = read_json(checked_blob(task, folder, manifest.config));
    ContainerImage image;
    image.architecture = architecture_of(text(config, {"architecture"}));
    for (const auto& layer : manifest.layers) {
        image.layers.push_back(checked_blob(task, folder, layer));
    }
    return image;
}

ContainerImage read_docker_archive(
    const std::filesystem::path& folder, const std::string& reference
) {
    const auto document = read_json(folder / "manifest.json");
    if (!document.is_array()) {
        refuse("manifest.json is not docker's: it holds no list");
    }
    const auto& chosen = choose_image(document.get_array(), reference);
    const os::GuestRoot archive{folder};
    ContainerImage image;
    const auto config = archive.read("/" + text(chosen, {"Config"}), kMostJson);
    if (!config) {
        refuse("the image's config is missing from the archive");
    }
    image.architecture = architecture_of(text(parse_json(*config), {"architecture"}));
    for (const auto& value : list(chosen, "Layers", "manifest.json")) {
        const std::string name{value.is_string() ? value.get_string() : ""};
        // A layer that another has too may be a link to it: resolved inside the archive's folder.
        const auto fd = archive.open("/" + name, O_RDONLY | O_NONBLOCK);
        image.layers.push_back(
            std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd.get()))
        );
    }
    return image;
}

}  // namespace kiln::images
