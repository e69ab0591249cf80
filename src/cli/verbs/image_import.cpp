#include "cli/image_work.hpp"
#include "cli/references.hpp"
#include "cli/verbs.hpp"
#include "images/import.hpp"

namespace kiln::cli::verbs {

namespace {

images::ImportRequest request_from(const Arguments& arguments) {
    images::ImportRequest request;
    request.source = *arguments.one("SOURCE");
    request.name = arguments.one_or("name", "");
    request.description = arguments.one_or("description", "");
    request.architecture = arguments.one("architecture");
    if (const auto size = arguments.one("size")) {
        request.size = parse_bytes(*size);
    }
    request.sha256 = arguments.one("sha256");
    request.reference = arguments.one_or("reference", "");
    request.tags = tags_from(arguments.all("tag"));
    request.share_with = arguments.all("share-with");
    return request;
}

int run(Context& context) {
    const auto request = request_from(context.arguments);
    if (request.name.empty()) {
        throw Error{ErrorKind::invalid, "--name is missing"}.hint("kiln image import --help");
    }
    if (auto problems = images::problems_of(request); !problems.empty()) {
        throw Error{"cannot import", std::move(problems)};
    }
    ImageWork work{context};
    const auto image = images::import_image(work.task(), request);
    work.finish();
    if (context.json) {
        context.output.document(ports::to_json(image));
    } else {
        context.output.line(image.id.str());
    }
    return 0;
}

}  // namespace

Verb image_import() {
    return {
        .path = "image import",
        .summary = "make an image of a root tar, a disk image or a container image",
        .text =
            "SOURCE is a root file system as a tar (gzip, bzip2, xz, zstd or none), an OCI layout "
            "or docker "
            "archive (a tar or a folder), or a disk: raw, qcow2, vmdk, vhdx, vdi, partitioned or "
            "bare. What it is "
            "is told by its bytes. The image is registered when its root file system was found and "
            "mounted; its "
            "id is printed.",
        .arguments = {{"SOURCE", "a file, a block device, or a folder with an OCI layout"}},
        .options =
            {{.name = "name", .value = "NAME", .help = "name of the image (required)"},
             {.name = "description",
              .value = "TEXT",
              .help = "default: what the image says of itself"},
             {.name = "architecture",
              .value = "ARCH",
              .help = "x86_64 or arm64 (default: found in the image)",
              .choices = {"x86_64", "arm64"}},
             {.name = "size",
              .value = "SIZE",
              .help = "size of the disk, whole GiB (default: what the content needs)"},
             {.name = "sha256", .value = "HEX", .help = "checksum that the file must have"},
             {.name = "reference",
              .value = "NAME",
              .help = "which of several images in a container archive"},
             {.name = "tag", .value = "KEY=VALUE", .help = "a tag", .repeatable = true},
             {.name = "share-with",
              .value = "ACCOUNT",
              .help = "an account to share it with",
              .repeatable = true}},
        .examples =
            {{"kiln image import debian-12.tar.zst --name debian-12",
              "a root tar, such as mmdebstrap makes"},
             {"kiln image import cloud.qcow2 --name cloud-2026-11 --tag team=base",
              "a cloud image"}},
        .needs = Needs::mounts,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
