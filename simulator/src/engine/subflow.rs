//! Starting subflows.

use serde_json::{Map, json};

use super::{Event, EventKind, Subflow};
use crate::{
    execution::{Inputs, Status},
    world::World,
};

impl World {
    pub(super) fn start_child(&mut self, at: u64, id: &str, child: &Subflow) {
        let Some(parent) = self.execution(id) else {
            return;
        };
        let Some(run) = parent.runs.get(child.run) else {
            return;
        };
        let (run_id, generation) = (run.id.clone(), run.generation);
        let variables = json!({
            "namespace": parent.flow.namespace, "flowId": parent.flow.id,
            "flowRevision": parent.flow.revision, "executionId": parent.id,
            "taskId": run.task_id, "taskRunId": run.id,
        });
        let trigger = json!({
            "id": run.task_id, "type": "io.kestra.plugin.core.flow.Subflow",
            "variables": variables,
        });
        let labels: Vec<(String, String)> = parent
            .labels
            .iter()
            .filter(|(key, _)| key == "system.correlationId" || key == "system.from")
            .cloned()
            .collect();
        let flow = self.flows.get(&child.namespace, &child.flow_id).cloned();
        let Some(flow) = flow else {
            let (outputs, status) = (Some(Map::new()), Status::Failed);
            let kind = EventKind::Finish {
                run: child.run,
                generation,
                status,
                outputs,
            };
            self.events.add(
                at,
                Event {
                    execution: id.to_owned(),
                    kind,
                },
            );
            return;
        };
        let sent = child.inputs.clone();
        let mut execution = self.new_execution(at, &flow);
        if !flow.list("inputs").is_empty() {
            let (stored, clear) = (sent.clone(), sent.clone());
            execution.inputs = Some(Inputs {
                sent,
                stored,
                clear,
            });
        }
        execution.labels = labels;
        execution.trigger = Some(trigger);
        execution.awaited_by = Some((id.to_owned(), run_id));
        let child_id = execution.id.clone();
        self.add_execution(execution, at + self.lag());
        if !child.wait {
            let outputs = Some(Map::from_iter([(
                "executionId".to_owned(),
                json!(child_id),
            )]));
            let status = Status::Success;
            let kind = EventKind::Finish {
                run: child.run,
                generation,
                status,
                outputs,
            };
            self.events.add(
                at,
                Event {
                    execution: id.to_owned(),
                    kind,
                },
            );
        }
    }
}
