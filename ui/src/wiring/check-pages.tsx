export { ChecksPage } from "../views/checks/checks-page";
