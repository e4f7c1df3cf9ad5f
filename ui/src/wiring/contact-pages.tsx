export { ContactsPage } from "../views/contacts/contacts-page";
