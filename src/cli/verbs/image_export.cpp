#include "cli/image_work.hpp"
#include "cli/references.hpp"
#include "cli/verbs.hpp"
#include "images/export.hpp"

#include <fmt/format.h>

namespace kiln::cli::verbs {

namespace {

int run(Context& context) {
    const auto& arguments = context.arguments;
    images::ExportRequest request;
    request.target = std::filesystem::absolute(*arguments.one("TARGET"));
    if (const auto format = arguments.one("format")) {
        request.format = images::export_format(*format);
    } else {
        std::tie(request.format, request.compression) =
            images::format_of_name(request.target.filename().string());
    }
    if (const auto compression = arguments.one("compression")) {
        request.compression = *compression == "gzip"   ? images::Compression::gzip
                              : *compression == "xz"   ? images::Compression::xz
                              : *compression == "zstd" ? images::Compression::zstd
                                                       : images::Compression::none;
    }
    request.compress_disk = arguments.has("compress");
    request.overwrite = arguments.has("overwrite") ? images::Overwrite::yes : images::Overwrite::no;
    auto cloud = context.services.cloud();
    request.image = find_image(cloud.images, *arguments.one("IMAGE")).id;
    ImageWork work{context};
    const auto exported = images::export_image(work.task(), request);
    work.finish();
    if (context.json) {
        context.output.document(
            {{"image", request.image.str()},
             {"target", exported.target.string()},
             {"size_bytes", exported.size.count}}
        );
    } else if (!context.quiet) {
        context.output.remark(
            fmt::format("{}: {}\n", exported.target.string(), humanize(exported.size))
        );
    }
    return 0;
}

}  // namespace

Verb image_export() {
    return {
        .path = "image export",
        .summary = "write an image to a file",
        .text =
            "The format follows from the target's name (.qcow2, .raw, .vmdk, .vhdx, "
            ".tar[.gz|.xz|.zst], .oci, "
            ".oci.tar) or from --format. The target appears when it is whole. A tar or OCI image "
            "of the same "
            "image has the same bytes each time.",
        .arguments = {{"IMAGE", "id or name"}, {"TARGET", "a file (or, for oci, a folder)"}},
        .options =
            {{.name = "format",
              .value = "FORMAT",
              .help = "raw, qcow2, vmdk, vhdx, tar or oci",
              .choices = {"raw", "qcow2", "vmdk", "vhdx", "tar", "oci"}},
             {.name = "compression",
              .value = "HOW",
              .help = "of a tar: none, gzip, xz or zstd",
              .choices = {"none", "gzip", "xz", "zstd"}},
             {.name = "compress", .help = "compress a qcow2 or vmdk inside"},
             {.name = "overwrite", .help = "replace a target that is there"}},
        .examples =
            {{"kiln image export web@main@42 web.qcow2 --compress", "a disk for QEMU"},
             {"kiln image export web@main@42 web.tar.zst", "the root file system"}},
        .needs = Needs::mounts,
        .run = run,
    };
}

}  // namespace kiln::cli::verbs
