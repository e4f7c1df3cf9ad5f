export { DutyPage } from "../views/duty/duty-page";
export { PlanPage } from "../views/duty/plan-page";
