#include "cli/image_work.hpp"
#include "cli/references.hpp"
#include "cli/verbs.hpp"
#include "images/documents.hpp"

namespace kiln::cli::verbs {

namespace {

int sbom(Context& context) {
    auto cloud = context.services.cloud();
    const auto image = find_image(cloud.images, *context.arguments.one("IMAGE"));
    ImageWork work{context};
    const auto made = images::image_sbom(
        work.task(), image.id, context.services.clock().now(), "kiln-" + context.version
    );
    work.finish();
    for (const auto& note : made.notes) {
        context.output.remark("note: " + note + "\n");
    }
    context.output.document(made.document);
    return 0;
}

/// The record of the bake that made the image, if it is still known.
std::optional<ports::BakeRecord> bake_of(Context& context, const ports::Image& image) {
    if (!image.bake) {
        return std::nullopt;
    }
    try {
        return context.services.bakes().get(*image.bake);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::not_found) {
            return std::nullopt;
        }
        throw;
    }
}

int provenance(Context& context) {
    auto cloud = context.services.cloud();
    const auto image = find_image(cloud.images, *context.arguments.one("IMAGE"));
    std::optional<std::filesystem::path> key;
    if (!context.config.provenance_key.empty()) {
        key = context.config.provenance_key;
    }
    ImageWork work{context};
    const auto statement = images::image_provenance(
        work.task(),
        image.id,
        bake_of(context, image),
        {context.config.provenance_builder, context.version},
        key
    );
    work.finish();
    context.output.document(statement);
    return 0;
}

}  // namespace

Verb image_sbom() {
    return {
        .path = "image sbom",
        .summary = "print the software bill of materials of an image (SPDX JSON)",
        .text =
            "The packages that dpkg, rpm and apk know in the image, with versions, licences and "
            "purls.",
        .arguments = {{"IMAGE", "id or name"}},
        .examples = {{"kiln image sbom web@main@42 > web.spdx.json", ""}},
        .needs = Needs::mounts,
        .run = sbom,
    };
}

Verb image_provenance() {
    return {
        .path = "image provenance",
        .summary = "print how an image was made (in-toto, SLSA)",
        .text =
            "A SLSA provenance statement: the request without its secrets, the parent and the "
            "bootstrap by their "
            "digests, and the digest of the image as `kiln image export` writes its tar. Where "
            "provenance.key is "
            "set, in a signed DSSE envelope.",
        .arguments = {{"IMAGE", "id or name"}},
        .examples =
            {{"kiln image provenance web@main@42", "the statement"},
             {"kiln image provenance web@main@42 --set provenance.key=/etc/kiln/key.pem",
              "signed"}},
        .needs = Needs::mounts,
        .run = provenance,
    };
}

}  // namespace kiln::cli::verbs
