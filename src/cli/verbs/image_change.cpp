#include "cli/references.hpp"
#include "cli/verbs.hpp"

namespace kiln::cli::verbs {

namespace {

int answer(Context& context, const ImageId& id) {
    if (context.json) {
        auto cloud = context.services.cloud();
        context.output.document(ports::to_json(find_image(cloud.images, id.str())));
    }
    return 0;
}

int rename(Context& context) {
    auto cloud = context.services.cloud();
    const auto image = find_image(cloud.images, *context.arguments.one("IMAGE"));
    const auto name = *context.arguments.one("NAME");
    if (const auto problem = ports::image_name_problem(name)) {
        throw Error{ErrorKind::invalid, "NAME: " + *problem};
    }
    cloud.images.rename(image.id, name);
    return answer(context, image.id);
}

int share(Context& context) {
    const auto& add = context.arguments.all("with");
    const auto& remove = context.arguments.all("not-with");
    if (add.empty() && remove.empty()) {
        throw Error{ErrorKind::invalid, "--with or --not-with is missing"}.hint(
            "kiln image share --help"
        );
    }
    std::vector<Problem> problems;
    for (const auto* accounts : {&add, &remove}) {
        for (const auto& account : *accounts) {
            if (account.size() != 12 ||
                account.find_first_not_of("0123456789") != std::string::npos) {
                problems.push_back({account, "is not an account number; one has 12 digits"});
            }
        }
    }
    if (!problems.empty()) {
        throw Error{"bad accounts", std::move(problems)};
    }
    auto cloud = context.services.cloud();
    const auto image = find_image(cloud.images, *context.arguments.one("IMAGE"));
    cloud.images.share(image.id, add, remove);
    return answer(context, image.id);
}

}  // namespace

Verb image_rename() {
    return {
        .path = "image rename",
        .summary = "give an image another name",
        .text = "A name has 3 to 128 characters of EC2's alphabet and belongs to one image only.",
        .arguments = {{"IMAGE", "id or name"}, {"NAME", "the new name"}},
        .examples = {{"kiln image rename web@main@42 web@stable", ""}},
        .needs = Needs::changes,
        .run = rename,
    };
}

Verb image_share() {
    return {
        .path = "image share",
        .summary = "share an image and its snapshot with accounts",
        .text = "A shared image is never removed by kiln gc.",
        .arguments = {{"IMAGE", "id or name"}},
        .options =
            {{.name = "with",
              .value = "ACCOUNT",
              .help = "share with this account",
              .repeatable = true},
             {.name = "not-with",
              .value = "ACCOUNT",
              .help = "share with it no longer",
              .repeatable = true}},
        .examples = {{"kiln image share web@main@42 --with 111122223333", "with one account more"}},
        .needs = Needs::changes,
        .run = share,
    };
}

}  // namespace kiln::cli::verbs
