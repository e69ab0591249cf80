#include "images/documents.hpp"

#include "images/export.hpp"
#include "images/scratch_volume.hpp"
#include "inspect/dsse.hpp"
#include "inspect/package_databases.hpp"
#include "os/guest_root.hpp"

namespace kiln::images {

namespace {

std::string text_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()}
                                                  : std::string{};
}

std::vector<inspect::Artifact> dependencies_of(
    const ports::BakeRecord& bake,
    const json::object& request,
    const std::optional<std::string>& parent_digest
) {
    std::vector<inspect::Artifact> dependencies;
    dependencies.push_back({bake.parent.str(), "kiln:image/" + bake.parent.str(), {}, {}});
    if (parent_digest) {
        dependencies.back().digest["sha256"] = *parent_digest;
    }
    const auto* result = bake.result.if_object();
    const auto content = result == nullptr ? std::string{} : text_of(*result, "bootstrap_content");
    const auto* bootstrap = request.if_contains("bootstrap");
    const auto* fields = bootstrap == nullptr ? nullptr : bootstrap->if_object();
    const auto source = fields == nullptr ? std::string{} : text_of(*fields, "source");
    if (!source.empty() || !content.empty()) {
        inspect::Artifact artifact;
        artifact.name = "bootstrap";
        artifact.uri = source;
        if (!content.empty()) {
            artifact.digest["sha256"] = content;
        }
        dependencies.push_back(std::move(artifact));
    }
    return dependencies;
}

}  // namespace

Sbom image_sbom(const Task& task, const ImageId& id, TimePoint now, const std::string& tool) {
    const auto image = find_image(task.cloud, id);
    MountedImage mounted{task, image, "root"};
    task.report("read packages");
    inspect::SbomSubject subject;
    subject.image = image.id.str();
    subject.name = image.name;
    subject.architecture = image.architecture;
    subject.created = now;
    subject.tool = tool;
    inspect::PackageList list;
    {
        const os::GuestRoot guest{mounted.root()};  // closed before the unmount
        subject.release = inspect::read_os_release(guest).value_or(inspect::parse_os_release(""));
        list = inspect::read_packages(guest, mounted.root(), task.stop, task.deadline);
    }
    Sbom sbom{inspect::spdx_document(subject, list.packages), std::move(list.notes)};
    mounted.finish();
    return sbom;
}

inspect::ProvenanceFacts provenance_facts(
    const ports::Image& image,
    const std::optional<ports::BakeRecord>& bake,
    const std::string& digest,
    const std::optional<std::string>& parent_digest,
    const Builder& builder
) {
    inspect::ProvenanceFacts facts;
    facts.subject.name = image.id.str();
    facts.subject.digest["sha256"] = digest;
    facts.subject.annotations = {
        {"image", image.name},
        {"digest-of", "the root file system as a tar: kiln image export --format tar"},
    };
    facts.builder = builder.id;
    facts.kiln_version = builder.kiln_version;
    facts.bake_key = image.bake_key;
    if (!bake) {
        return facts;
    }
    facts.bake = bake->id.str();
    facts.started = bake->created;
    facts.finished = bake->ended;
    if (const auto* request = bake->request.if_object()) {
        facts.request = *request;
    }
    facts.dependencies = dependencies_of(*bake, facts.request, parent_digest);
    for (auto& dependency : facts.dependencies) {
        dependency.uri = inspect::public_url(dependency.uri);
    }
    return facts;
}

json::object image_provenance(
    const Task& task,
    const ImageId& id,
    const std::optional<ports::BakeRecord>& bake,
    const Builder& builder,
    const std::optional<std::filesystem::path>& key
) {
    // The key first: a wrong one is found before a minute of hashing.
    std::optional<inspect::Key> signer;
    if (key) {
        signer = inspect::Key::load_private(*key);
    }
    const auto image = find_image(task.cloud, id);
    std::optional<std::string> parent_digest;
    if (bake) {
        for (const auto& parent : task.cloud.images.describe({})) {
            if (parent.id == bake->parent) {
                parent_digest = image_digest(task, parent);
            }
        }
    }
    auto statement = inspect::provenance_statement(
        provenance_facts(image, bake, image_digest(task, image), parent_digest, builder)
    );
    return signer ? inspect::sign_envelope(statement, *signer) : statement;
}

}  // namespace kiln::images
