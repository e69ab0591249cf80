#include "images/compare.hpp"

#include "base/utf8.hpp"
#include "images/scratch_volume.hpp"
#include "inspect/package_databases.hpp"
#include "os/guest_root.hpp"

#include <fmt/format.h>

namespace kiln::images {

namespace {

std::vector<inspect::FileChange> diff_files(
    const Task& task,
    const MountedImage& first,
    const MountedImage& second,
    const inspect::TreeDiffOptions& options,
    inspect::TreeDiffStats& stats
) {
    task.report("compare files");
    std::vector<inspect::FileChange> changes;
    stats = inspect::diff_trees(
        first.root(),
        second.root(),
        options,
        [&](inspect::FileChange change) {
            task.check("compare files");
            changes.push_back(std::move(change));
        },
        task.stop
    );
    return changes;
}

inspect::PackageDiff diff_packages(
    const Task& task,
    const MountedImage& first,
    const MountedImage& second,
    std::vector<std::string>& notes
) {
    task.report("compare packages");
    const auto read = [&](const MountedImage& image) {
        auto list = inspect::read_packages(
            os::GuestRoot{image.root()}, image.root(), task.stop, task.deadline
        );
        notes.insert(notes.end(), list.notes.begin(), list.notes.end());
        return std::move(list.packages);
    };
    const auto before = read(first);
    return inspect::diff_packages(before, read(second));
}

char sign_of(const inspect::FileChange& change) {
    const auto aspect = change.aspects.front();
    if (aspect == inspect::Aspect::added) {
        return '+';
    }
    return aspect == inspect::Aspect::removed ? '-' : '~';
}

std::string render_files(const std::vector<inspect::FileChange>& files, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < files.size() && i < most; ++i) {
        const auto sign = sign_of(files[i]);
        text += fmt::format("{} {}", sign, to_utf8(files[i].path));
        text += sign == '~' ? fmt::format("  ({})\n", describe(files[i])) : "\n";
    }
    if (files.size() > most) {
        text += fmt::format("… and {} more\n", files.size() - most);
    }
    return text;
}

}  // namespace

ImageDiff diff_images(
    const Task& task, const ImageId& first, const ImageId& second, const DiffOptions& options
) {
    const auto one = find_image(task.cloud, first);
    const auto other = find_image(task.cloud, second);
    ImageDiff diff{first, second, std::nullopt, {}, std::nullopt, {}};
    task.report("mount");
    MountedImage a{task, one, "first"};
    MountedImage b{task, other, "second"};
    if (options.packages) {
        diff.packages = diff_packages(task, a, b, diff.notes);
    }
    if (options.files) {
        diff.files = diff_files(task, a, b, options.tree, diff.stats);
    }
    b.finish();
    a.finish();
    return diff;
}

std::string render(const ImageDiff& diff, std::size_t most_files) {
    std::string text;
    if (diff.packages) {
        text += fmt::format(
            "packages: {} added, {} removed, {} changed\n",
            diff.packages->added.size(),
            diff.packages->removed.size(),
            diff.packages->changed.size()
        );
        text += inspect::render(*diff.packages);
    }
    if (diff.files) {
        text += text.empty() ? "" : "\n";
        text +=
            fmt::format("files: {} differ, {} compared", diff.files->size(), diff.stats.compared);
        text += diff.stats.ignored == 0 ? "\n" : fmt::format(", {} ignored\n", diff.stats.ignored);
        text += render_files(*diff.files, most_files);
    }
    for (const auto& note : diff.notes) {
        text += "note: " + note + "\n";
    }
    return text;
}

json::object to_json(const ImageDiff& diff) {
    json::object object{{"first", diff.first.str()}, {"second", diff.second.str()}};
    if (diff.packages) {
        object["packages"] = inspect::to_json(*diff.packages);
    }
    if (diff.files) {
        json::array files;
        for (const auto& change : *diff.files) {
            files.push_back(inspect::to_json(change));
        }
        object["files"] = std::move(files);
        object["compared"] = diff.stats.compared;
        object["ignored"] = diff.stats.ignored;
    }
    json::array notes;
    for (const auto& note : diff.notes) {
        notes.push_back(json::value(note));
    }
    object["notes"] = std::move(notes);
    return object;
}

Verification verify_images(const Task& task, const ImageId& first, const ImageId& second) {
    DiffOptions options;
    options.packages = false;
    options.tree.ignore = inspect::unreproducible_paths();
    auto diff = diff_images(task, first, second, options);
    return {std::move(diff.files).value(), diff.stats.ignored, diff.stats.compared};
}

}  // namespace kiln::images
