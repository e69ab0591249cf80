#pragma once

#include "api/call.hpp"
#include "api/reply.hpp"
#include "instances/desk.hpp"

/// The answers of the instance API's routes, by what they are about. What they throw is answered.
namespace kiln::api::answers {

using instances::Desk;

void greet(Desk& desk, Call& call, Reply& reply);
void shut_down(Desk& desk, Call& call, Reply& reply);
void kaboom(Desk& desk, Call& call, Reply& reply);

void list_instances(Desk& desk, Call& call, Reply& reply);
void show_instance(Desk& desk, Call& call, Reply& reply);
void terminate_instance(Desk& desk, Call& call, Reply& reply);
void heartbeat(Desk& desk, Call& call, Reply& reply);
void launched(Desk& desk, Call& call, Reply& reply);
void terminated(Desk& desk, Call& call, Reply& reply);

void submit_build(Desk& desk, Call& call, Reply& reply);
void list_builds(Desk& desk, Call& call, Reply& reply);
void show_build(Desk& desk, Call& call, Reply& reply);
void finish_build(Desk& desk, Call& call, Reply& reply);
void init_script(Desk& desk, Call& call, Reply& reply);

void list_images(Desk& desk, Call& call, Reply& reply);
void activate_image(Desk& desk, Call& call, Reply& reply);

void submit_group(Desk& desk, Call& call, Reply& reply);
void list_groups(Desk& desk, Call& call, Reply& reply);
void show_group(Desk& desk, Call& call, Reply& reply);
void resize_group(Desk& desk, Call& call, Reply& reply);
void remove_group(Desk& desk, Call& call, Reply& reply);
void sns_message(Desk& desk, Call& call, Reply& reply);

}  // namespace kiln::api::answers
